// When a sink's failures are told: not the first, then hourly while they last, and that they are
// over. Decides only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "model/event.hpp"

namespace trainstop::notify {

class Trouble {
 public:
  explicit Trouble(std::string sink) : sink_(std::move(sink)) {}

  void failed(const std::string& problem, Instant now);
  void delivered();
  /// So many messages will never be delivered: they were refused or too old, or there was no room.
  void gave_up(std::size_t count, const std::string& problem);
  void dropped(std::size_t count) { dropped_ += count; }

  /// What is to be told now, of a sink for which so many messages wait; to be asked after each
  /// change.
  std::optional<Event> take(Instant now, Instant utc, std::size_t waiting);

  // D: a restart of the receiver is no news.
  static constexpr int kRepeatedly = 3;
  static constexpr Duration kTellAgain = std::chrono::hours(1);
  // A sink that comes and goes is told no oftener.
  static constexpr Duration kTellAnew = std::chrono::minutes(5);

 private:
  Event tell_failed(Instant now, Instant utc, std::size_t waiting);
  Event tell_recovered(Instant now, Instant utc, std::size_t waiting);

  std::string sink_;
  std::string problem_;
  int failures_ = 0;                        ///< in a row
  Instant since_ = kNever;                  ///< the first of them
  bool announced_ = false;                  ///< that it fails
  bool over_ = false;                       ///< it was announced, and has delivered since
  Instant told_ = kLongAgo;                 ///< the last time
  std::size_t given_up_ = 0, dropped_ = 0;  ///< since the trouble began
  std::size_t lost_told_ = 0;               ///< how many of both have been told
};

}  // namespace trainstop::notify
