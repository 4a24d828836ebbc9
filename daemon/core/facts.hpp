// What the core is told. Every fact is a value; the shell translates replies into facts and nothing
// else.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/failure.hpp"
#include "model/image.hpp"
#include "model/job.hpp"
#include "model/money.hpp"
#include "model/time.hpp"
#include "policy/config.hpp"

namespace trainstop::core {

/// Identifies an act; the fact that answers it bears the same number. Every fetch and every stop
/// request is answered exactly once, whatever happens to it.
using RequestId = std::uint64_t;

/// A reply of the search, whole and in good form. One list is one fact.
struct ListRead {
  RequestId request = 0;
  AccountIndex account = 0;
  Instant sent;      ///< when the request began to leave
  Instant received;  ///< when the reply was complete
  bool filtered = false;
  std::vector<JobRef> jobs;   ///< one per job id; timestamps already on the daemon's line
  std::size_t unusable = 0;   ///< records that were skipped
  std::string first_problem;  ///< what was wrong with the first of them
};

/// One job read by its id.
struct JobRead {
  RequestId request = 0;
  AccountIndex account = 0;
  Instant sent, received;
  JobRef job;
};

/// A fetch (list, job, prices, projects) that brought no usable reply.
struct FetchFailed {
  RequestId request = 0;
  AccountIndex account = 0;
  Instant sent, received;
  Failure failure;
};

/// USD a minute for one node, by instance type id (`/v1/instance_type_prices`).
struct PricesRead {
  RequestId request = 0;
  AccountIndex account = 0;
  std::vector<std::pair<std::string, Money>> per_minute;
  std::size_t unusable = 0;
  std::string first_problem;
};

struct ProjectsRead {
  RequestId request = 0;
  AccountIndex account = 0;
  struct Project {
    std::string id, name;
    std::optional<std::string> team;
  };
  std::vector<Project> projects;
};

/// What training has cost by the invoice (`/v1/billing/usage_summary`): one entry for each job and
/// day that it names.
struct UsageRead {
  RequestId request = 0;
  AccountIndex account = 0;
  std::chrono::sys_days from, until;  ///< as asked for
  struct Day {
    std::string job_id;
    std::chrono::sys_days day;  ///< in UTC
    std::int64_t minutes = 0;   ///< that are billed
    Money billed;
  };
  std::vector<Day> days;
  std::size_t unusable = 0;   ///< records that were skipped
  std::string first_problem;  ///< what was wrong with the first of them
};

/// The first byte of a stop request is on its socket.
struct StopSent {
  RequestId request = 0;
  Instant at;
};

/// The answer to a stop request. Without a failure it was a 2xx with a usable body: accepted, which
/// is not yet ended.
struct StopReplied {
  RequestId request = 0;
  Instant sent, received;
  bool was_sent = true;  ///< false: it is certain that no byte left
  std::optional<Failure> failure;
};

/// What the clock decider found: UTC minus the daemon's line, and the candidates when they
/// disagree.
struct ClockRead {
  Duration utc_shift{0};
  bool skewed = false;
  std::string skew_detail;  ///< `wall clock 24h ahead of api.baseten.co`
  bool unproven = false;    ///< no reply has borne a Date yet: the wall clock stands alone
};

/// A piece of what the journal holds, in its order: kinds as numbered, older before newer. Between
/// the first piece and the last nothing is decided.
struct Recalled {
  std::vector<Image> images;
  bool last = true;
  /// The journal was there and could not be read in full: nothing may be stopped until a person
  /// resets the breaker.
  bool lost = false;
};

/// What a person may order. Jobs go by their key: account/project id/job id.
namespace order {

/// No rule (or that one) stops the job for so long.
struct Exempt {
  std::string job;
  std::optional<std::string> rule;
  Duration lasts{0};
};
/// The time limits of all rules (or that one) are so much longer for the job, for so long.
struct Extend {
  std::string job;
  std::optional<std::string> rule;
  Duration by{0};
  Duration lasts{0};
};
/// The job is stopped now, whatever rules say; an exempt one only by force.
struct StopJob {
  std::string job;
  bool force = false;
};
/// No rule (or not that one) stops anything for so long.
struct Pause {
  std::optional<std::string> rule;
  Duration lasts{0};
};
/// Ends every pause (or those of that rule).
struct Resume {
  std::optional<std::string> rule;
};
/// Ends one override.
struct Revoke {
  std::string id;
};
/// A budget's pots (or that one) may spend more until their reset, at most for so long.
struct Raise {
  std::string rule;
  std::optional<std::string> group;
  Money by;
  Duration lasts{0};
};
/// Closes all breakers. The stops that were shown and are still due leave as approved.
struct ResetBreaker {
  std::vector<std::string> shown;  ///< ids of stops
};

}  // namespace order

/// A person's command. Answered by exactly one Answer, once what it changes is durable.
struct Command {
  using Exempt = order::Exempt;
  using Extend = order::Extend;
  using StopJob = order::StopJob;
  using Pause = order::Pause;
  using Resume = order::Resume;
  using Revoke = order::Revoke;
  using Raise = order::Raise;
  using ResetBreaker = order::ResetBreaker;

  std::uint64_t token = 0;
  std::string user, reason;
  std::variant<Exempt, Extend, StopJob, Pause, Resume, Revoke, Raise, ResetBreaker> what;
};

/// Other rules from now on. Answered like a command.
struct Reload {
  std::uint64_t token = 0;
  std::string user;
  std::shared_ptr<const policy::Config> config;  ///< with the same accounts
  /// Those that the journal holds, when a budget has changed; nullptr: none.
  std::shared_ptr<const std::vector<Image>> bills;
};

/// Nothing but the time.
struct Tick {};

/// The daemon has been asked to end: no new stop is begun, polls cease.
struct Shutdown {};

using Fact = std::variant<Tick, Recalled, ListRead, JobRead, FetchFailed, PricesRead, ProjectsRead,
                          UsageRead, StopSent, StopReplied, ClockRead, Command, Reload, Shutdown>;

}  // namespace trainstop::core
