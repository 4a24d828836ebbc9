// Error codes of sockets, TLS and HTTP as failures: a kind and words, never a source path (T5).
#pragma once

#include <boost/system/error_code.hpp>
#include <string_view>

#include "model/failure.hpp"
#include "net/deadline.hpp"

namespace trainstop::net {

/// What a call was at when it failed: `timed out after 10s while connecting`.
namespace step {
inline constexpr std::string_view kWait = "waiting for a free connection";
inline constexpr std::string_view kResolve = "looking up the name";
inline constexpr std::string_view kConnect = "connecting";
inline constexpr std::string_view kHandshake = "agreeing on TLS";
inline constexpr std::string_view kSend = "sending the request";
inline constexpr std::string_view kReply = "waiting for the reply";
inline constexpr std::string_view kBody = "reading the reply";
}  // namespace step

Failure timed_out(const Deadline& deadline, std::string_view at);
Failure cancelled();
/// The peer ended the connection, before a reply or within one.
Failure closed_by_peer(bool reply_began);
/// Whether the peer has ended the connection, cleanly or not quite.
bool is_end_of_stream(const boost::system::error_code& error);
Failure describe(const boost::system::error_code& error, std::string_view at,
                 const Deadline& deadline);

}  // namespace trainstop::net
