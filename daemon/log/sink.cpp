// The bounded queue between the loop and whoever reads the log, and the thread that empties it.
#include "log/sink.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "log/journal_target.hpp"
#include "log/stream_target.hpp"

namespace trainstop::log {

namespace {

// Room for the first list of 10,000 jobs; about 8 MB when every line is long.
constexpr std::size_t kMostLines = 16'384;
constexpr std::size_t kMostBytes = std::size_t{8} << 20U;
// Above this share only warnings and errors are taken.
constexpr std::size_t kCalmNumerator = 3;
constexpr std::size_t kCalmDenominator = 4;
// Taken from the queue at a time, so that what is being written is bounded too.
constexpr std::size_t kMostTaken = 256;
// A writer that hangs in the kernel (a dead network file system) is left behind after this.
constexpr auto kLongestGoodbye = std::chrono::milliseconds(200);

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

struct Line {
  Level level = Level::info;
  std::string text;
};

/// What the loop and the writer share. The writer owns it as well, so that it can be left behind.
class Shared {
 public:
  Shared(Format format, std::shared_ptr<Target> target)
      : format_(format), target_(std::move(target)), logger_("trainstop", target_) {
    logger_.set_level(spdlog::level::trace);
    logger_.set_pattern("%v");
  }

  void push(const Event& event, std::uint64_t seq) {
    Line line{event.level, target_->render(event, seq, format_)};
    const std::lock_guard lock(mutex_);
    last_at_ = event.at;
    last_seq_ = seq;
    const bool calm = event.level < Level::warning;
    const std::size_t numerator = calm ? kCalmNumerator : kCalmDenominator;
    if (queue_.size() >= kMostLines * numerator / kCalmDenominator ||
        bytes_ + line.text.size() > kMostBytes * numerator / kCalmDenominator) {
      ++dropped_;
      return;
    }
    bytes_ += line.text.size();
    queue_.push_back(std::move(line));
    filled_.notify_one();
  }

  /// The writer's whole life.
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      filled_.wait(lock, [&] { return !queue_.empty() || reopening_ || ending_; });
      if (queue_.empty() && ending_) break;
      const bool reopening = std::exchange(reopening_, false);
      const std::deque<Line> taken = take();
      writing_ = true;
      lock.unlock();
      const Result<void> reopened = reopening ? target_->reopen() : Result<void>{};
      for (const Line& line : taken) logger_.log(to_spdlog(line.level), line.text);
      lock.lock();
      writing_ = false;
      if (reopened.has_error()) tell_not_reopened(reopened.error());
      tell_loss();
      drained_.notify_all();
    }
    ended_ = true;
    drained_.notify_all();
  }

  void reopen() {
    const std::lock_guard lock(mutex_);
    reopening_ = true;
    filled_.notify_one();
  }

  bool wait_until_drained(Duration timeout) {
    std::unique_lock lock(mutex_);
    return drained_.wait_for(lock, timeout,
                             [&] { return queue_.empty() && !writing_ && !reopening_; });
  }

  /// Lets the writer end; false when it hangs.
  bool end() {
    target_->give_up();
    std::unique_lock lock(mutex_);
    ending_ = true;
    filled_.notify_one();
    return drained_.wait_for(lock, kLongestGoodbye, [&] { return ended_; });
  }

 private:
  std::deque<Line> take() {
    std::deque<Line> taken;
    while (!queue_.empty() && taken.size() < kMostTaken) {
      bytes_ -= queue_.front().text.size();
      taken.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return taken;
  }

  /// What only the log tells, behind all else.
  void tell(Event event) {
    event.at = last_at_;
    queue_.push_back({event.level, target_->render(event, last_seq_, format_)});
    bytes_ += queue_.back().text.size();
  }

  /// Says once the queue is empty how many lines nobody will read.
  void tell_loss() {
    dropped_ += target_->take_lost();
    if (dropped_ == 0 || !queue_.empty() || ending_) return;
    Event event;
    event.name = "log.dropped";
    event.level = Level::warning;
    event.message = fmt::format(
        "{} log lines were lost: the log was not read fast enough, or could not be written",
        dropped_);
    event.with("lost", static_cast<std::int64_t>(dropped_));
    tell(std::move(event));
    dropped_ = 0;
  }

  void tell_not_reopened(const Failure& why) {
    Event event;
    event.name = "log.reopen_failed";
    event.level = Level::error;
    event.message =
        "the log file could not be opened anew (" + why.message + "): the old one is still written";
    tell(std::move(event.with("error", why.message)));
  }

  const Format format_;
  const std::shared_ptr<Target> target_;
  spdlog::logger logger_;
  std::mutex mutex_;
  std::condition_variable filled_, drained_;
  std::deque<Line> queue_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
  Instant last_at_;
  std::uint64_t last_seq_ = 0;
  bool writing_ = false;
  bool reopening_ = false;
  bool ending_ = false;
  bool ended_ = false;
};

class QueueSink final : public Sink {
 public:
  QueueSink(const Options& options, std::shared_ptr<Target> target)
      : level_(options.level),
        shared_(std::make_shared<Shared>(options.format, std::move(target))),
        writer_([shared = shared_] { shared->run(); }) {}

  ~QueueSink() override {
    if (shared_->end()) {
      writer_.join();
    } else {
      writer_.detach();
    }
  }
  QueueSink(const QueueSink&) = delete;
  QueueSink& operator=(const QueueSink&) = delete;

  void write(const Event& event, std::uint64_t seq) override {
    if (event.level >= level_) shared_->push(event, seq);
  }
  void reopen() override { shared_->reopen(); }
  bool flush(Duration timeout) override { return shared_->wait_until_drained(timeout); }

 private:
  const Level level_;
  const std::shared_ptr<Shared> shared_;
  std::thread writer_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const Options& options) {
  std::shared_ptr<Target> target;
  if (!options.file && stderr_is_the_journal()) {
    const auto journal = std::make_shared<JournalTarget>();
    if (journal->is_connected()) target = journal;
  }
  if (!target) {
    auto stream = StreamTarget::open(options.file);
    if (stream.has_error()) return stream.error();
    target = std::move(stream).value();
  }
  return std::unique_ptr<Sink>(std::make_unique<QueueSink>(options, std::move(target)));
}

}  // namespace trainstop::log
