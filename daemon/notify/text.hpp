// An event as one paragraph that a person can act on. Renders only.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/event.hpp"

namespace trainstop::notify {

/// What happened, to which job and whose, why, how much, how long, and where a warning or a trip
/// announces a stop, the command that puts it off. Control characters and hidden marks are blanks.
std::string text_of(const Event& event);

/// How a sink mentions the owner of the event's job: what `people` says of the e-mail address
/// (letters without case); empty when it says nothing.
std::string mention_of(const Event& event, const std::map<std::string, std::string>& people);

/// A word of a command line that a shell takes as it is.
std::string shell_word(std::string_view text);

}  // namespace trainstop::notify
