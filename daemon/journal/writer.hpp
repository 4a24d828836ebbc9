// The journal's own thread: writes batches in their order, as many at once as wait, and hands back
// how many are durable. Whoever appends never waits for a disk.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "journal/backlog.hpp"
#include "journal/store.hpp"

namespace trainstop::journal {

class Writer {
 public:
  struct Hooks {
    /// Runs a function on the thread that appends.
    std::function<void(std::function<void()>)> post;
    /// So many of the appended batches are durable now, counted from the first; `lost` events of
    /// them were not kept, counted from the start.
    std::function<void(std::uint64_t batches, std::uint64_t lost)> written;
    /// A write failed; it is tried again until it succeeds.
    std::function<void(const Error& error)> failed;
  };
  using Open = std::function<Outcome<std::unique_ptr<Store>>()>;

  /// Without a store, and whenever a write has failed, it is opened (anew) by `open`.
  Writer(std::unique_ptr<Store> store, Open open, Keep keep, Hooks hooks);
  /// Waits for a write that is under way.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void append(Batch batch);
  /// Writes what waits, once; false when that failed or `within` passed: then the thread may still
  /// hang in a write, and the process must not wait for it.
  bool close(Duration within);

 private:
  void serve();
  bool write_what_waits(std::unique_lock<std::mutex>& lock);
  void prune(std::unique_lock<std::mutex>& lock);
  Outcome<void> write(const std::vector<Batch>& batches);

  Open open_;
  Keep keep_;
  Hooks hooks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Backlog backlog_;
  std::uint64_t appended_ = 0;
  Instant utc_ = kLongAgo;  ///< of the newest batch
  bool closing_ = false;
  bool idle_ = false;             ///< the thread has ended
  bool clean_ = false;            ///< and wrote everything
  std::unique_ptr<Store> store_;  ///< the thread's
  std::thread thread_;
};

}  // namespace trainstop::journal
