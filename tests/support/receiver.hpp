// A receiver of webhooks on loopback, plain HTTP, that answers as it is told: well, badly or never.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace trainstop::test {

/// One request as it came.
struct Received {
  std::string method, target;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

/// What is written back, byte for byte; `forever` is then repeated until the peer leaves.
struct Reply {
  std::string bytes;
  std::string forever;
  bool hang = false;  ///< keeps the connection open afterwards
};

/// An answer with this status and no body.
Reply status(int code, const std::string& more_headers = "");

class Receiver {
 public:
  using Answer = std::function<Reply(const Received&)>;
  /// `answer` is called from other threads, one at a time.
  explicit Receiver(Answer answer = [](const Received&) { return status(200); });
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  std::uint16_t port() const;
  std::string url(const std::string& path = "/hook") const;
  void set_answer(Answer answer);
  std::vector<Received> all() const;
  /// Waits until so many requests have come; false when the time passed.
  bool wait_for(std::size_t count, std::chrono::milliseconds within) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trainstop::test
