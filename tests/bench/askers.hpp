// Clients of a daemon's control socket that ask and ask, each from a thread of its own and with a
// connection for each request, and how long the answers took.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trainstop::bench {

/// Asks from the constructor to end().
class Askers {
 public:
  struct Options {
    std::size_t clients = 1;
    std::vector<std::string> targets = {};  ///< each client asks them in turn
    /// Of all clients together; 0: each asks again as soon as it has its answer.
    double per_second = 0;
    /// Of each client; absent: until end().
    std::optional<std::size_t> requests = std::nullopt;
  };
  struct Answers {
    std::vector<std::chrono::microseconds>
        took;  ///< in order, of those that were answered with 200
    std::size_t failed = 0;
    std::string failure;  ///< what was wrong with one of them
    double seconds = 0;   ///< from the first request to the last answer

    double per_second() const;
    /// The time that this share of the answers did not exceed.
    std::chrono::microseconds quantile(double share) const;
  };
  Askers(std::filesystem::path socket, Options options);
  ~Askers();
  Askers(const Askers&) = delete;
  Askers& operator=(const Askers&) = delete;

  /// Waits for each client's requests, or ends those that have no number of them.
  Answers end();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The body of a GET; throws std::runtime_error when there is none.
std::string ask(const std::filesystem::path& socket, const std::string& target);

}  // namespace trainstop::bench
