#include "journal/writer.hpp"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "journal/failpoint.hpp"

namespace trainstop::journal {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A disk that refuses is asked again soon, and then ever less often.
constexpr milliseconds kFirstRetry{250};
constexpr seconds kMostRetry{30};
constexpr std::chrono::minutes kPruneEvery{10};

}  // namespace

Writer::Writer(std::unique_ptr<Store> store, Open open, Keep keep, Hooks hooks)
    : open_(std::move(open)),
      keep_(keep),
      hooks_(std::move(hooks)),
      store_(std::move(store)),
      thread_([this] { serve(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Writer::append(Batch batch) {
  {
    const std::lock_guard lock(mutex_);
    ++appended_;
    utc_ = std::max(utc_, batch.utc);
    backlog_.add(std::move(batch));
  }
  changed_.notify_all();
}

bool Writer::close(Duration within) {
  std::unique_lock lock(mutex_);
  closing_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, within, [this] { return idle_; }) && clean_;
}

void Writer::serve() {
  pthread_setname_np(pthread_self(), "journal");
  std::unique_lock lock(mutex_);
  std::chrono::milliseconds retry = kFirstRetry;
  auto prune_at = std::chrono::steady_clock::now() + kPruneEvery;
  while (true) {
    changed_.wait_until(lock, prune_at, [this] { return closing_ || !backlog_.empty(); });
    if (std::chrono::steady_clock::now() >= prune_at && !closing_) {
      prune(lock);
      prune_at = std::chrono::steady_clock::now() + kPruneEvery;
    }
    const bool last = closing_;
    if (backlog_.empty() && !last) continue;
    clean_ = backlog_.empty() || write_what_waits(lock);
    if (last && (backlog_.empty() || !clean_)) break;
    if (clean_) {
      retry = kFirstRetry;
    } else {
      changed_.wait_for(lock, retry, [this] { return closing_; });
      retry = std::min<milliseconds>(2 * retry, kMostRetry);
    }
  }
  idle_ = true;
  changed_.notify_all();
}

bool Writer::write_what_waits(std::unique_lock<std::mutex>& lock) {
  std::vector<Batch> batches = backlog_.take();
  const std::uint64_t upto = appended_;
  const std::uint64_t lost = backlog_.lost();
  lock.unlock();
  const Outcome<void> result = write(batches);
  lock.lock();
  if (result.has_value()) {
    hooks_.post([this, upto, lost] { hooks_.written(upto, lost); });
    return true;
  }
  backlog_.put_back(std::move(batches));
  hooks_.post([this, error = result.error()] { hooks_.failed(error); });
  return false;
}

Outcome<void> Writer::write(const std::vector<Batch>& batches) {
  if (!store_) {
    auto opened = open_();
    if (opened.has_error()) return opened.error();
    store_ = std::move(opened).value();
  }
  TRAINSTOP_FAILPOINT("journal.before_write");
  auto result = store_->write(batches);
  TRAINSTOP_FAILPOINT("journal.after_commit");
  if (result.has_error()) store_.reset();
  return result;
}

void Writer::prune(std::unique_lock<std::mutex>& lock) {
  const Instant utc = utc_;
  lock.unlock();
  // What fails here fails in the next write as well, and is told then.
  bool more = store_ != nullptr && utc != kLongAgo;
  while (more) {
    const auto pruned = store_->prune(keep_, utc);
    lock.lock();
    more = pruned.has_value() && *pruned && backlog_.empty() && !closing_;
    lock.unlock();
  }
  lock.lock();
}

}  // namespace trainstop::journal
