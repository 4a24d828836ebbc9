// The API as the daemon meets it: truth, rendered, and what the adversary does to a call on its
// way.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/effects.hpp"
#include "model/failure.hpp"
#include "proof/truth.hpp"

namespace trainstop::proof {

enum class Call : std::uint8_t { list, read, stop, prices, projects, usage, whoami };
std::string_view to_string(Call call);

/// What will become of one call; thrown when it is sent.
struct Fate {
  std::optional<Instant> arrival;  ///< at the API; none: lost on the way, or never sent
  Instant reply;                   ///< when the daemon has its answer or its failure
  std::optional<Failure> failure;
  bool applied = true;  ///< a stop that arrives takes hold
  bool was_sent = true;
  std::vector<Harm> harms;  ///< that struck
  bool has(Harm harm) const;
};

/// One element of a list.
struct Record {
  JobSnapshot job;   ///< by the API's clock
  std::string text;  ///< rendered; empty with facts as values
  bool usable = true;
};

struct Content {
  std::vector<Record> records;  ///< of a list; of a read and a stop the one
  std::optional<Instant> date;
  bool not_found = false;
};

class Api {
 public:
  Api(const Plan& plan, TruthOf& truth, bool as_text);

  Fate throw_fate(Call call, Instant sent, Duration timeout);
  /// What the API answers at `now`; also does what the call asks.
  Content answer(Call call, const Fate& fate, bool filtered, const std::string& job_id,
                 Instant now);
  /// The prices as a body, and the projects as values.
  std::string prices_body() const;
  core::ProjectsRead projects() const;
  /// When a harm struck last.
  Instant troubled_at() const { return troubled_at_; }
  void trouble(Instant now) { troubled_at_ = std::max(troubled_at_, now); }
  /// The API's clock, as jobs' timestamps show it, minus the truth.
  Duration stamp_error(Instant now) const;
  Duration date_error(Instant now) const;
  bool harms_are_active(Instant now) const { return now < kStart + plan_.active; }

 private:
  bool strikes(Harm harm, Instant now, Dice& dice) const;
  Record record_of(TrueJob& job, Instant now, bool bare);
  std::string render(const JobSnapshot& job, int digits) const;
  void mangle(std::vector<Record>& records, const Fate& fate, Instant now);
  void fail(Fate& fate, Call call, Dice& dice, Instant sent, Duration timeout) const;

  const Plan& plan_;
  TruthOf& truth_;
  bool as_text_;
  std::uint64_t calls_ = 0;
  Instant troubled_at_ = kLongAgo;
  std::deque<std::pair<Instant, std::vector<Record>>> earlier_;  ///< lists, for stale ones
};

}  // namespace trainstop::proof
