// What one sink is still to be told: in order for each job, tried again until it is delivered or
// given up. Decides only; time is an argument.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/event.hpp"
#include "notify/sender.hpp"
#include "notify/trouble.hpp"

namespace trainstop::notify {

class Outbox {
 public:
  using Seq = std::uint64_t;  ///< an event's journal number

  /// `random` gives numbers in [0, 1).
  Outbox(std::string sink, std::function<double()> random);

  /// Takes an event that waits until release(). Gives the numbers of those that had to go for it.
  std::vector<Seq> add(Seq seq, std::shared_ptr<const Event> event, Instant now);
  /// The event with this number is durable, or never will be, and as it was told.
  void release(Seq seq, std::shared_ptr<const Event> told);
  /// Takes an event that waits since before this start.
  std::vector<Seq> recall(Seq seq, std::shared_ptr<const Event> event, Instant since);

  struct Attempt {
    Seq seq = 0;
    std::shared_ptr<const Event> event;
  };
  /// The next message to be sent at `now`, under way from then on; empty when none may leave.
  std::optional<Attempt> next(Instant now);
  /// When next() may give one without anything else happening; kNever when only a call can change
  /// it.
  Instant wake() const;
  /// An attempt has come to its end. Gives the numbers of what needs no place any more: delivered
  /// or given up.
  std::vector<Seq> done(Seq seq, const Sent& sent, Instant now);

  bool waits(Seq seq) const { return entries_.contains(seq); }
  std::vector<Seq> waiting() const;
  std::size_t size() const { return entries_.size(); }
  int under_way() const { return under_way_; }
  Trouble& trouble() { return trouble_; }

  // D: about a day of a busy fleet; some ten MB.
  static constexpr std::size_t kMost = 10'000;
  static constexpr int kAtOnce = 4;
  static constexpr int kMostRefusals = 3;
  static constexpr Duration kFirstWait = std::chrono::seconds(1);
  static constexpr Duration kLongestWait = std::chrono::minutes(5);
  static constexpr Duration kKeptFor = std::chrono::hours(24);

 private:
  struct Entry {
    std::shared_ptr<const Event> event;
    std::string lane;  ///< of one lane one after another
    Instant since;
    bool released = false;
    bool under_way = false;
    int round = 0;  ///< of failures, when it left
    int refusals = 0;
  };
  std::vector<Seq> insert(Seq seq, Entry entry);
  void count_failure(const Entry& entry, const Sent& sent, Instant now);

  std::string sink_;
  std::function<double()> random_;
  std::map<Seq, Entry> entries_;
  int under_way_ = 0;
  int failures_ = 0;  ///< in a row; while there are any, one attempt at a time
  int round_ = 0;     ///< ends with each failure that counts
  Instant next_try_ = kLongAgo;
  Trouble trouble_;
};

/// Of which job the event is, as a text; empty when it is of none.
std::string lane_of(const Event& event);

}  // namespace trainstop::notify
