// An event as the message that one sink gets: README.md in this folder is its reference.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/event.hpp"
#include "notify/sender.hpp"
#include "policy/config.hpp"

namespace trainstop::notify {

/// `number` as in the event's journal entry. `utc` is now: a message that comes late says so.
Message message_of(const policy::NotifySink& sink, const Event& event, std::uint64_t number,
                   const std::map<std::string, std::string>& people, Instant utc);

/// The name of an event for good: journal numbers begin anew with a journal.
std::string id_of(const Event& event, std::uint64_t number);

/// HMAC-SHA256 (RFC 2104) of the body in hexadecimal digits.
std::string signature_of(std::string_view body, std::string_view key);

/// What `trainstop notify test` sends.
Event test_event(Instant utc);

}  // namespace trainstop::notify
