#include "bench/askers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>

#include "control/client.hpp"

namespace trainstop::bench {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kLongest = 30s;
constexpr unsigned kDone = 200;

/// What is wrong with the answer; empty: nothing.
std::string wrong_with(const boost::system::result<control::ClientReply, control::CallError>& got) {
  if (!got) return got.error().message;
  return got->status == kDone ? "" : fmt::format("{}: {}", got->status, got->body);
}

}  // namespace

double Askers::Answers::per_second() const {
  return static_cast<double>(took.size()) / seconds;
}

std::chrono::microseconds Askers::Answers::quantile(double share) const {
  if (took.empty()) throw std::runtime_error("no answer from the control socket: " + failure);
  const auto at = static_cast<std::size_t>(share * static_cast<double>(took.size()));
  return took[std::min(at, took.size() - 1)];
}

class Askers::Impl {
 public:
  Impl(std::filesystem::path socket, Options options)
      : client_(std::move(socket)), options_(std::move(options)), begin_(Clock::now()) {
    answers_.resize(options_.clients);
    for (std::size_t i = 0; i < options_.clients; ++i) threads_.emplace_back([this, i] { run(i); });
  }
  ~Impl() { join(true); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Answers end() {
    join(!options_.requests);
    Answers all;
    all.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    for (Answers& each : answers_) {
      std::move(each.took.begin(), each.took.end(), std::back_inserter(all.took));
      all.failed += each.failed;
      if (!each.failure.empty()) all.failure = each.failure;
    }
    std::sort(all.took.begin(), all.took.end());
    return all;
  }

 private:
  void join(bool now) {
    if (now) ended_ = true;
    for (std::thread& each : threads_) {
      if (each.joinable()) each.join();
    }
  }

  void run(std::size_t number) {
    Answers& answers = answers_[number];
    for (std::uint64_t i = 0; !ended_ && i < options_.requests.value_or(UINT64_MAX); ++i) {
      if (options_.per_second > 0) {
        // The clients take turns; one that is late goes on at once until it has caught up.
        const auto turn = static_cast<double>(i * options_.clients + number);
        const auto after = std::chrono::duration<double>(turn / options_.per_second);
        std::this_thread::sleep_until(begin_ + std::chrono::duration_cast<Clock::duration>(after));
      }
      const std::string& target = options_.targets[(i + number) % options_.targets.size()];
      const auto asked = Clock::now();
      std::string wrong = wrong_with(client_.call("GET", target, {}, kLongest));
      const auto took = Clock::now() - asked;
      if (wrong.empty()) {
        answers.took.push_back(std::chrono::duration_cast<std::chrono::microseconds>(took));
      } else {
        ++answers.failed;
        answers.failure = std::move(wrong);
      }
    }
  }

  control::Client client_;
  Options options_;
  Clock::time_point begin_;
  std::atomic<bool> ended_ = false;
  std::vector<Answers> answers_;  ///< by client
  std::vector<std::thread> threads_;
};

Askers::Askers(std::filesystem::path socket, Options options)
    : impl_(std::make_unique<Impl>(std::move(socket), std::move(options))) {}
Askers::~Askers() = default;

Askers::Answers Askers::end() {
  return impl_->end();
}

std::string ask(const std::filesystem::path& socket, const std::string& target) {
  auto got = control::Client(socket).call("GET", target, {}, kLongest);
  const std::string wrong = wrong_with(got);
  if (!wrong.empty()) throw std::runtime_error(target + ": " + wrong);
  return std::move(got->body);
}

}  // namespace trainstop::bench
