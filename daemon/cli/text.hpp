// Text from outside, for a terminal and for JSON.
#pragma once

#include <string>
#include <string_view>

#include "log/escape.hpp"

namespace trainstop::cli {

/// With whatever could act on a terminal escaped.
inline std::string plain(std::string_view text) {
  std::string result;
  log::append_escaped(result, text);
  return result;
}

/// As a JSON string.
inline std::string json_text(std::string_view text) {
  std::string result;
  log::append_quoted(result, text);
  return result;
}

}  // namespace trainstop::cli
