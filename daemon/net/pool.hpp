// The connections of one lane: at most so many at a time, kept ones to take again, and who waits
// for one, first come first served.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <list>
#include <memory>
#include <unordered_set>
#include <vector>

#include "net/connection.hpp"
#include "net/deadline.hpp"

namespace trainstop::net {

class Pool;

/// The right to use one connection of a pool; passes to the next in line when it dies.
class Lease {
 public:
  explicit Lease(std::shared_ptr<Pool> pool);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  /// Takes the kept connection that was used last and is still alive; false when there is none.
  bool take_kept();
  /// Gives the connection back for others to take.
  void keep();

  std::unique_ptr<Connection> connection;  ///< empty until taken or opened

 private:
  // Owned: a suspended coroutine's frame may die in any order (g++ ends parameters first to last).
  std::shared_ptr<Pool> pool_;
};

/// Owned by a shared pointer.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(boost::asio::any_io_executor executor, int limit);

  /// Waits for a turn; empty when the deadline passed or the pool was closed.
  boost::asio::awaitable<std::unique_ptr<Lease>> lease(Deadline deadline);
  /// A lease when one is free at once.
  std::unique_ptr<Lease> try_lease();

  /// Closes kept connections that the peer closed or that were idle too long.
  void drop_stale();
  int kept() const { return static_cast<int>(kept_.size()); }
  /// Whether another connection may be opened beside those that are in use or kept.
  bool has_room() const { return in_use_ + kept() < limit_; }
  /// Ends all connections and wakes all who wait; nothing is leased afterwards.
  void close();

 private:
  friend class Lease;

  /// Someone in line. `granted` comes with the place that was freed for it.
  struct Waiter {
    explicit Waiter(const boost::asio::any_io_executor& executor) : timer(executor) {}
    boost::asio::steady_timer timer;
    bool granted = false;
  };
  /// Takes a waiter out of line whatever happens; passes its place on when it was not used.
  struct InLine;

  void give_back();

  boost::asio::any_io_executor executor_;
  const int limit_;
  int in_use_ = 0;
  bool closed_ = false;
  std::vector<std::unique_ptr<Connection>> kept_;  ///< used last is last
  std::list<Waiter*> line_;
  std::unordered_set<Lease*> leases_;
};

}  // namespace trainstop::net
