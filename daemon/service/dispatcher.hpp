// Which of an account's waiting requests leaves next: by priority, lane and rate. Decides only; who
// sends it is account.cpp.
#pragma once

#include <array>
#include <deque>
#include <optional>

#include "core/effects.hpp"
#include "net/http.hpp"
#include "service/rate_limit.hpp"

namespace trainstop::service {

/// The priority with which an act's request is served. Not for KeepWarm, which asks nothing.
core::Priority priority_of(const core::Act& act);

/// Stops and verifying reads have connections of their own.
net::Lane lane_of(core::Priority priority);

class Dispatcher {
 public:
  Dispatcher(int rate_limit, int urgent_connections, int normal_connections);

  /// Queues a request. The core waits for each one's answer before it asks for the same again, so
  /// the queue is as bounded as the fleet.
  void push(core::Act act);

  /// The request that leaves at `now`, counted as under way until done(); or none, and when to ask
  /// again: kNever until something is pushed or done.
  struct Next {
    std::optional<core::Act> act;
    Instant again = kNever;
  };
  Next next(Instant now);

  /// A request of that priority has been answered.
  void done(core::Priority priority);

  /// Forgets what waits but stop requests.
  void keep_only_stops();

  /// Stop requests that wait or are under way.
  std::size_t open_stops() const;
  /// All requests under way.
  std::size_t under_way() const;

 private:
  static constexpr std::size_t kPriorities = 6;
  bool has_connection(core::Priority priority) const;
  std::size_t under_way(net::Lane lane) const;

  RateLimit rate_;
  std::size_t urgent_connections_, normal_connections_;
  std::array<std::deque<core::Act>, kPriorities> waiting_;
  std::array<std::size_t, kPriorities> under_way_{};
};

}  // namespace trainstop::service
