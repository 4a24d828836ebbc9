// A request as it was read, and the plan of what is sent for it, byte by byte.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sim/types.hpp"

namespace trainstop::sim {

struct Received {
  Received() = default;
  std::uint64_t connection = 0;
  std::string method, target, authorization, body;
  bool wants_close = false;
  Moment first_byte;
};

enum class Manner : std::uint8_t {
  send,            ///< head and body
  drip,            ///< `step` bytes, each `pace`
  half_and_close,  ///< head and half of the body, then a clean close
  half_and_cut,    ///< likewise, closed without close_notify
  half_and_hang,   ///< likewise, then silence
  hang,            ///< nothing
  reset,           ///< TCP reset
  endless,         ///< head, then block(0), block(1), … until the client has enough
};

struct Plan {
  Plan() = default;
  Manner manner = Manner::send;
  std::string head;
  std::shared_ptr<const std::string> body;
  std::function<std::string(std::uint64_t)> block;
  Duration delay{0};  ///< before anything is sent
  Duration pace{0};
  std::size_t step = 1;
  bool continue_first = false;
  bool close = false;  ///< after the reply
  std::optional<Duration> idle_limit;
};

/// What the endpoints answer, before faults turn it into a plan.
struct Draft {
  Draft() = default;
  unsigned status = 200;
  std::string content_type = "application/json";
  std::shared_ptr<const std::string> body;
  std::string more_headers;  ///< whole lines with their CRLF
  bool sized = true;         ///< whether Content-Length is told; else the close ends the body
};

/// An error page as a proxy in front of the API may give it: not JSON.
inline constexpr const char* kHtml =
    "<html><head><title>Error</title></head><body>Something went wrong</body></html>";

inline Draft plain_draft(unsigned status, std::string type, std::string body) {
  Draft draft;
  draft.status = status;
  draft.content_type = std::move(type);
  draft.body = std::make_shared<const std::string>(std::move(body));
  return draft;
}

}  // namespace trainstop::sim
