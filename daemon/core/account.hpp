// What the core knows of accounts: their jobs, lists, projects, prices and troubles, and what it
// has asked them. Plain data; what happens to it stands in observe, polling and prices.
#pragma once

#include <boost/container/flat_set.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/latency.hpp"
#include "core/ledger.hpp"
#include "core/state.hpp"
#include "policy/bill.hpp"

namespace trainstop::core {

/// Views the job's own strings.
struct JobId {
  std::string_view project, job;
  bool operator==(const JobId&) const = default;
};
struct JobIdHash {
  std::size_t operator()(const JobId& id) const noexcept {
    return std::hash<std::string_view>()(id.job) * 31 + std::hash<std::string_view>()(id.project);
  }
};

/// A call of one kind that is made again and again.
struct Recurring {
  RequestId request = 0;    ///< under way when not 0
  Instant next = kLongAgo;  ///< not before
  int failures = 0;         ///< in a row
  Instant asked_at = kLongAgo;
};

/// A trouble that is told when it begins, hourly while it lasts, and when it ends.
struct Trouble {
  Instant since = kNever;
  Instant told = kLongAgo;
  bool lasts() const { return since != kNever; }
};

/// The calls that a key may be refused for, each for itself.
enum class Call : std::uint8_t { list, read, stop, prices, projects };

/// What jobs burn a minute, as far as it is known.
struct Burn {
  Money known;
  std::size_t unknown = 0;  ///< jobs whose rate is not
  void add(const std::optional<Money>& rate) {
    if (!rate) ++unknown;
    if (rate) known = trainstop::add(known, *rate).value_or(known);
  }
  /// Empty when there are jobs, and of none is it known that it costs anything.
  std::optional<Money> rate() const {
    if (unknown == 0) return known;
    if (known == Money{}) return {};
    return known;
  }
};

/// Successful lists one after another, without a failure between them.
struct PollRun {
  Instant first = kNever, last = kNever;  ///< sending times
  std::int64_t count = 0;
  /// Jobs that were alive and not shown by the last list. When there are more than a few the list
  /// itself is suspect, and `last` stays with the one before it.
  std::vector<std::string> except;
  bool broken = false;  ///< a failure has come since: the next list begins another run
  std::string key;      ///< of its image; empty when there is none
};

struct Project {
  std::string name;
  std::optional<std::string> team;
  bool operator==(const Project&) const = default;
};

struct Account {
  explicit Account(Duration confirm_within) : latency(confirm_within) {}

  bool is_refused(Call call) const {
    const auto found = refused.find(call);
    return found != refused.end() && found->second.lasts();
  }

  AccountIndex index = 0;
  std::unordered_map<JobId, std::unique_ptr<Job>, JobIdHash> jobs;
  boost::container::flat_set<Job*, BySerial> live;  ///< walked often, and by far the most
  std::set<Job*, BySerial> stops;                   ///< jobs with an open stop
  JobsByTime dues;  ///< enforcing dues that have not led to a request
  std::map<std::string, Project, std::less<>> projects;
  std::map<std::string, policy::PriceHistory, std::less<>> prices;  ///< the API's, by instance type
  std::map<std::string, policy::PriceHistory, std::less<>> fixed_prices;  ///< the configuration's
  std::set<std::string, std::less<>> price_told;  ///< price.missing was told
  Latency latency;
  Ledger ledger;

  Recurring list, price_list, project_list, usage, confirm_list, verify_list;
  Instant unfiltered_at = kLongAgo;  ///< when the next list is to be unfiltered
  bool filter_refused = false;
  /// The rules whose first judgement is over, by hash and whether they enforced: the first list
  /// that showed a job has been judged by them.
  std::set<std::string, std::less<>> judged;
  std::uint64_t remembered = 0;  ///< digest of its last image; 0: there is none
  /// Sending time of the list from which on no job can have come and gone unseen; kNever before it.
  Instant watched_since = kNever;
  bool elsewhere = false;  ///< what the journal holds under its name is of another API
  PollRun polls;
  Instant last_good = kNever;  ///< sending time of the last good list; the start before the first
  Trouble unreachable, unusable;
  std::map<Call, Trouble> refused;  ///< of each call that ever was
  bool failing = false;             ///< the last poll failed
  Instant rate_limited_told = kLongAgo;
  int stops_in_flight = 0;
  int missing_reads = 0;  ///< under way
  int warm = 0;           ///< as last asked for
};

/// What an act was for; looked up when its answer comes.
struct Asked {
  enum class For : std::uint8_t {
    poll,
    verify_list,
    confirm_list,
    verify,
    confirm,
    missing,
    prices,
    projects,
    usage,
    stop
  };
  For purpose = For::poll;
  AccountIndex account = 0;
  std::uint32_t serial = 0;  ///< the job, where there is one
  bool filtered = false;
};

std::string_view to_string(Call call);

}  // namespace trainstop::core
