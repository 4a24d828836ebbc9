// One job's phases as observed: what is known of when each began, and from when money counts. Pure
// bookkeeping; knows nothing of rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/job.hpp"
#include "model/phase.hpp"
#include "model/planted.hpp"
#include "model/time.hpp"
#include "policy/config.hpp"

namespace trainstop::core {

/// When something happened: not before `earliest`, not after `latest`.
struct Bounds {
  Instant earliest, latest;
  bool operator==(const Bounds&) const = default;
};

/// When an observation was asked for and came.
struct Sight {
  Instant sent, received;
};

/// Whether an ended status (in upper case) says that somebody ended the job.
bool was_stopped(std::string_view status);

class Life {
 public:
  /// Takes what an observation showed. Not for observations sent before the last applied one.
  /// Returns whether phase, status or any clock changed.
  bool observe(const JobSnapshot& snapshot, Sight sight, policy::BillingFrom billing_from);

  /// The phase whose clocks run: the last known one while the status is unknown; `unknown` if none
  /// was ever known.
  Phase phase() const { return phase_; }
  bool ended() const { return phase_ == Phase::ended; }
  /// Upper case, without the prefix TRAINING_JOB_.
  const std::string& status() const { return status_; }
  bool status_unknown() const { return status_unknown_; }
  const Bounds& phase_since() const { return phase_since_; }
  const Bounds& status_since() const { return status_since_; }
  /// Closed stays in running, each counted from its latest begin to its earliest end.
  Duration ran_before() const { return ran_before_; }
  /// Whether it was ever seen in a phase that is known, its end aside.
  bool known() const { return phase_ != Phase::unknown && !blind_; }
  /// From when money counts, once it does.
  const std::optional<Bounds>& billed_since() const { return billed_since_; }
  /// Sending time of the last applied observation; kLongAgo before the first.
  Instant last_sent() const { return last_sent_; }
  /// An observation showed nothing new: only its time counts.
  void seen_again(Instant sent) { last_sent_ = sent; }

  /// Within what observations leave open, money counts from `at`.
  void narrow_billed_since(Instant at) {
    if (billed_since_ && billed_since_->earliest <= at && at <= billed_since_->latest)
      billed_since_ = Bounds{at, at};
  }

  /// What is remembered over a restart (memory.hpp), save for the time of the last observation.
  template <class Archive, class Self>
  static void members(Archive& archive, Self& life) {
    archive("phase", life.phase_, Phase::unknown);
    archive("phase_since", life.phase_since_);
    archive("seen_status", life.status_);
    archive("status_unknown", life.status_unknown_);
    archive("status_since", life.status_since_);
    if (!planted("ran-before-forgotten")) archive("ran_before", life.ran_before_);
    archive("billed_since", life.billed_since_);
    archive("blind", life.blind_, false);
  }

 private:
  Bounds begin_bounds(const JobSnapshot& snapshot, Sight sight) const;
  void enter(Phase phase, const Bounds& bounds, Instant created_at,
             policy::BillingFrom billing_from);

  Phase phase_ = Phase::unknown;
  bool status_unknown_ = true;
  std::string status_;
  Bounds phase_since_, status_since_;
  Duration ran_before_{0};
  std::optional<Bounds> billed_since_;
  bool blind_ = false;  ///< it ended, and was seen before in no phase that is known
  Instant last_sent_ = kLongAgo;
};

}  // namespace trainstop::core
