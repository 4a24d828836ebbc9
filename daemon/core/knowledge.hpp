// All that the decision machine knows at one moment. Plain data; the steps that act on it are
// declared in machine.hpp.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/account.hpp"
#include "core/breaker.hpp"
#include "core/retry.hpp"

namespace trainstop::core {

struct Knowledge {
  Knowledge(policy::Config configuration, Instant start, Duration utc_shift, std::uint64_t seed)
      : config(std::move(configuration)),
        started(start),
        now(start),
        shift(utc_shift),
        random(seed),
        guard(config.safety.max_stops, config.poll.interval),
        loaded(start) {}

  policy::Config config;
  Instant started;
  Instant now;
  Duration shift;
  Random random;
  Guard guard;                                ///< of all rules without a breaker of their own
  std::map<std::uint16_t, Guard> own_guards;  ///< by rule
  Batch batch;
  std::uint64_t batches = 0;
  RequestId requests = 0;
  bool closing = false;
  std::deque<Account> accounts;
  std::unordered_map<std::uint32_t, Job*> by_serial;
  std::uint32_t serials = 0;
  bool recalling = false;   ///< more of the journal is to come: nothing is decided yet
  bool unread = false;      ///< a piece of the journal, or an image, could not be read
  std::vector<Job*> dirty;  ///< to be looked at for what is to be remembered
  bool clock_remembered = false;
  bool clock_unproven = false;  ///< no reply has confirmed it: UTC alone stops nothing
  std::unordered_map<RequestId, Asked> asked;
  /// A list that is being taken in, a slice at a time.
  struct Listing {
    ListRead list;
    std::size_t next = 0;
  };
  std::deque<Listing> listings;
  std::deque<Job*> queue;  ///< jobs to be reviewed
  Instant loaded;          ///< since when the rules are as they are
  /// After a reload: what is to be done with the new rules before anything is decided by them.
  struct Reloading {
    std::shared_ptr<const std::vector<Image>> bills;
    std::set<std::uint16_t> budgets;  ///< the new ones, which count those bills
    std::size_t next_bill = 0;
    std::deque<std::uint32_t> jobs;  ///< serials of those to be matched
    std::size_t count_of_bills() const { return bills ? bills->size() : 0; }
    bool done() const { return next_bill == count_of_bills() && jobs.empty(); }
  } reloading;
  JobsByTime wakes;
  std::map<std::pair<std::uint16_t, std::string>, Pot> pots;  ///< by rule and group
  std::deque<Pot*> pot_queue;                                 ///< pots to be reviewed
  std::set<std::pair<Instant, Pot*>, ByGroup> pot_wakes;
  std::size_t bills_summed = 0;               ///< summed up in this call
  std::map<std::string, Override> overrides;  ///< by id
  std::vector<const Override*> pauses;        ///< those among them
  Instant overrides_at = kNever;              ///< when one ends, or is to be told again
  struct Frozen {
    bool now = false;
    Instant edge = kLongAgo;  ///< when that may change; on the daemon's line
  };
  std::vector<Frozen> freezes;  ///< of safety.freeze, in its order
  Trouble skew;
  std::string skew_detail;
  Instant summary_at = kNever;
};

}  // namespace trainstop::core
