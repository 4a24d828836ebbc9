#include "net/encode.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trainstop::net {

namespace {

constexpr std::size_t kLongestTarget = 1024;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::string host_header(const Origin& origin) {
  const bool is_v6 = origin.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + origin.host + "]" : origin.host;
  if (origin.port == (origin.tls ? kHttpsPort : kHttpPort)) return host;
  return fmt::format("{}:{}", host, origin.port);
}

}  // namespace

bool is_sound_target(std::string_view target) {
  return target.starts_with('/') && target.size() <= kLongestTarget &&
         std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_sound_header(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) == 0x7f;
  });
}

bool is_sound(const Request& request) {
  return is_sound_target(request.target) &&
         std::all_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
           return is_sound_header(header.first) && is_sound_header(header.second);
         });
}

std::string encode(const ClientOptions& options, const Request& request) {
  std::string text = fmt::format(
      "{} {}{} HTTP/1.1\r\n"
      "Host: {}\r\n"
      "User-Agent: {}\r\n"
      "Accept: application/json\r\n"
      "Accept-Encoding: identity\r\n",
      request.post ? "POST" : "GET", options.origin.base_path, request.target,
      host_header(options.origin), options.user_agent);
  if (!options.authorization.empty()) {
    text += fmt::format("Authorization: {}\r\n", options.authorization);
  }
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
  if (request.post) {
    text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n",
                        request.body.size());
  }
  text += "\r\n";
  if (request.post) text += request.body;
  return text;
}

}  // namespace trainstop::net
