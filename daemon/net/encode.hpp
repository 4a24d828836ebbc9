// A request as the bytes of HTTP/1.1 (RFC 9112).
#pragma once

#include <string>

#include "net/http.hpp"

namespace trainstop::net {

/// What is refused can't come from checked ids; it is the last fence before the wire.
bool is_sound_target(std::string_view target);
/// Whether a text may stand as a header's value: no control characters.
bool is_sound_header(std::string_view value);

/// Whether target and headers are.
bool is_sound(const Request& request);

/// The whole request with its body.
std::string encode(const ClientOptions& options, const Request& request);

}  // namespace trainstop::net
