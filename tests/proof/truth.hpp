// What truly is: jobs with their histories, prices, and what stop requests did. Knows no daemon.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/job.hpp"
#include "proof/plan.hpp"

namespace trainstop::proof {

struct TrueJob {
  const JobPlan* plan = nullptr;
  JobSnapshot now;                                       ///< in true UTC
  std::vector<std::pair<Instant, std::string>> history;  ///< statuses without TRAINING_JOB_
  std::size_t next_step = 0;
  bool exists = false;
  std::optional<Instant> applied, ended;
  int requests = 0;                                   ///< that arrived
  std::uint64_t version = 0;                          ///< counts changes
  std::string text;                                   ///< rendered, of `text_of`
  std::tuple<std::uint64_t, Duration, bool> text_of;  ///< version, the clock's error, whether bare

  bool over() const { return ended.has_value(); }
  /// The first instant in one of these statuses; kNever when there was none.
  Instant first_in(const std::vector<std::string>& statuses) const;
  /// Whether it was in one of these at some instant of [from, to].
  bool was_in(const std::vector<std::string>& statuses, Instant from, Instant to) const;
};

class TruthOf {
 public:
  explicit TruthOf(const Plan& plan);

  /// Everything that happens by `now`.
  void advance(Instant now);
  /// A stop request arrives.
  void stop(TrueJob& job, Instant now);
  std::vector<TrueJob>& jobs() { return jobs_; }
  const std::vector<TrueJob>& jobs() const { return jobs_; }
  TrueJob* find(const std::string& id);
  const TrueJob* find(const std::string& id) const;
  /// Prices as JSON text, by type, and when they last changed.
  const std::map<std::string, std::string>& prices() const { return prices_; }
  /// A price list with history: the price of a type at an instant, in nano-dollars; 0 when it is
  /// none that a sane reader takes.
  struct PriceSince {
    Instant from;
    std::string text;
  };
  const std::vector<PriceSince>& price_history(const std::string& type) const {
    return price_history_.at(type);
  }

 private:
  void set_status(TrueJob& job, const std::string& status, Instant at);

  const Plan& plan_;
  std::vector<TrueJob> jobs_;
  std::map<std::string, std::string> prices_;
  std::map<std::string, std::vector<PriceSince>> price_history_;
  std::size_t next_price_ = 0;
  Instant next_ = kStart;  ///< nothing happens before
};

/// Without TRAINING_JOB_: over by its name.
bool is_over(const std::string& status);

}  // namespace trainstop::proof
