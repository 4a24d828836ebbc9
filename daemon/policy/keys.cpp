#include "policy/keys.hpp"

#include <algorithm>
#include <array>

namespace trainstop::policy {

namespace {

using enum Section;
using enum Type;
using enum Need;

// One row a key: section, key, type, need, default, range, section below, description.
// clang-format off
constexpr KeySpec kKeys[] = {
    {root, "mode", choice, required, "", "observe|enforce", none, "Whether rules stop jobs (enforce) or only tell what they would stop (observe); the more careful of this and a rule's mode wins"},
    {root, "timezone", timezone, optional, "UTC", "", none, "IANA name of the zone of instants without an offset and of schedules"},
    {root, "accounts", sections, required, "", "", account, "The Baseten accounts to watch, one or more"},
    {root, "poll", section, optional, "", "", poll, "How often jobs are read"},
    {root, "stop", section, optional, "", "", Section::stop, "How a stop is carried out"},
    {root, "billing", section, optional, "", "", billing, "What is billed"},
    {root, "prices", prices, optional, "", "", none, "Prices per node by instance type id or GPUxCOUNT, with 'spot/' before it for spot jobs; they win over the API's"},
    {root, "state_dir", path, optional, "/var/lib/trainstop", "", none, "Where the daemon keeps its state"},
    {root, "journal", section, optional, "", "", Section::journal, "How long the journal is kept"},
    {root, "safety", section, optional, "", "", safety, "Bounds on what the daemon may do"},
    {root, "control", section, optional, "", "", control, "The operator's socket"},
    {root, "log", section, optional, "", "", Section::log, "Where events are written, and how"},
    {root, "heartbeat", section, optional, "", "", heartbeat, "A URL that is called while the daemon is well"},
    {root, "people", Type::people, optional, "", "", none, "Who is mentioned for which owner: a map of e-mail addresses to what a sink calls them"},
    {root, "notify", sections, optional, "", "", sink, "Who is told of events"},
    {root, "lists", Type::lists, optional, "", "", none, "Named lists of values for selectors"},
    {root, "defaults", section, optional, "", "", defaults, "Taken whole where a rule lacks the key, never merged"},
    {root, "rules", sections, optional, "", "", rule, "The watch rules"},

    {rules_file, "lists", Type::lists, optional, "", "", none, "Named lists of values for selectors"},
    {rules_file, "rules", sections, optional, "", "", rule, "The watch rules"},

    {account, "name", Type::name, optional, "default", "", none, "The account's name; unique"},
    {account, "base_url", url, optional, "https://api.baseten.co", "", none, "Where the API is; plain http only on loopback"},
    {account, "api_key", section, required, "", "", secret, "Where the API key comes from"},
    {account, "auth_scheme", choice, optional, "Api-Key", "Api-Key|Bearer", none, "The word before the key in the Authorization header"},
    {account, "ca_file", path, optional, "", "", none, "One more trust anchor (PEM)"},
    {account, "projects", globs, optional, "*", "", none, "Globs on name or id of the projects this daemon may see at all"},

    {secret, "credential", text, optional, "", "", none, "Name of a systemd credential"},
    {secret, "env", text, optional, "", "", none, "Name of an environment variable"},
    {secret, "file", path, optional, "", "", none, "Path of a file that others can't read"},

    {poll, "interval", duration, optional, "15s", "100ms..1h", none, "Between two reads of the list of jobs"},
    {poll, "timeout", duration, optional, "10s", "100ms..5m", none, "For one whole call"},
    {poll, "connections", integer, optional, "4", "1..64", none, "Connections kept for reading"},
    {poll, "rate_limit", integer, optional, "50", "1..100", none, "Requests a second, per account; the API allows 100"},

    {Section::stop, "confirm_every", duration, optional, "3s", "100ms..10m", none, "Between two reads of a job that is being stopped"},
    {Section::stop, "confirm_within", duration, optional, "3m", "1s..1h", none, "When a stop that is not seen done is told and sent again"},
    {Section::stop, "concurrency", integer, optional, "8", "1..100", none, "Stops that may leave at the same time"},
    {Section::stop, "verify_timeout", duration, optional, "30s", "100ms..10m", none, "How long past due a failed read may hold a stop that needs no read"},

    {billing, "from", choice, optional, "deploying", "created|deploying|running", none, "When a job begins to cost"},

    {Section::journal, "keep", duration, optional, "400d", "1d..3650d", none, "How long facts and decisions are kept that no live job needs"},
    {Section::journal, "keep_samples", duration, optional, "30d", "1d..3650d", none, "How long metric samples and log lines are kept; none are read before rules ask for them"},

    {safety, "max_stops", section, optional, "", "", max_stops, "The breaker: over it nothing more is stopped until a person resets it"},
    {safety, "first_notice", duration, optional, "30m", "0s..7d", none, "How long a job that is over a rule at its first judgement is told before it is stopped"},
    {safety, "unreachable_after", duration, optional, "10m", "1s..1d", none, "When an API that can't be read is told of"},
    {safety, "exempt", sections, optional, "", "", exemption, "Jobs that no rule stops"},
    {safety, "freeze", sections, optional, "", "", freeze, "Windows in which stops that fall due are held; they are judged anew at its end"},

    {max_stops, "count", integer, required, "", "1..10000", none, "How many jobs rules may stop"},
    {max_stops, "per", duration, required, "", "1m..30d", none, "Within which time"},

    {exemption, "until", instant, optional, "", "", none, "When the exemption ends; never without it"},
    {exemption, "reason", text, optional, "", "", none, "Why; shown wherever the exemption is"},

    {freeze, "during", windows, required, "", "", none, "When nothing is stopped"},
    {freeze, "timezone", timezone, optional, "", "", none, "IANA name; the file's timezone without it"},
    {freeze, "match", selectors, optional, "", "", selector, "Of which jobs; all without it"},

    {control, "socket", path, optional, "/run/trainstop/control.sock", "", none, "Where the daemon listens for its commands"},
    {control, "group", text, optional, "", "", none, "The group that owns the socket; the daemon's without it"},
    {control, "mode", file_mode, optional, "0660", "0600..0770", none, "Who may connect, in octal: owner and group, never others"},
    {control, "listen", unsupported, optional, "", "", none, "An address for metrics, health and the status page"},

    {Section::log, "level", choice, optional, "info", "debug|info|warning|error", none, "The least level that is written"},
    {Section::log, "format", choice, optional, "logfmt", "logfmt|json|text", none, "The form of a line"},
    {Section::log, "file", path, optional, "", "", none, "A file instead of stderr"},

    {heartbeat, "url", section, required, "", "", secret, "What is called"},
    {heartbeat, "every", duration, optional, "1m", "10s..1d", none, "How often"},

    {sink, "name", Type::name, required, "", "", none, "The sink's name; unique"},
    {sink, "format", choice, optional, "json", "json|slack", none, "What a webhook is sent"},
    {sink, "url", section, optional, "", "", secret, "Where the address of a webhook comes from; either this or exec"},
    {sink, "exec", command, optional, "", "", none, "A program by its absolute path, and its arguments; the event is on its standard input"},
    {sink, "hmac", section, optional, "", "", secret, "Where the key comes from by which a JSON webhook is signed"},
    {sink, "events", events, optional, "", "", none, "Globs on the names of events; without it those that a person should hear of"},
    {sink, "match", selectors, optional, "", "", selector, "Of events about a job: only of these"},

    {rule, "name", Type::name, required, "", "", none, "The rule's name; unique"},
    {rule, "match", selectors, optional, "", "", selector, "The jobs it watches; all without it"},
    {rule, "exclude", selectors, optional, "", "", selector, "Jobs it leaves alone"},
    {rule, "when", section, optional, "", "", condition, "The condition on which it trips; keys of one map are AND-ed"},
    {rule, "budget", section, optional, "", "", budget, "A limit on what jobs cost together, instead of a condition"},
    {rule, "warn_before", durations, optional, "", "1s..30d", none, "How long before the stop it warns"},
    {rule, "warn_at", percents, optional, "", "1%..1000%", none, "At which share of the limit it warns; above 100% only with 'action: warn'"},
    {rule, "grace", duration, optional, "0s", "0s..7d", none, "From the trip to the stop"},
    {rule, "action", choice, optional, "stop", "stop|warn", none, "Whether it stops jobs or only warns of them"},
    {rule, "mode", choice, optional, "enforce", "observe|enforce", none, "Whether it stops jobs or tells what it would stop"},
    {rule, "enforce_from", instant, optional, "", "", none, "Until then it observes"},
    {rule, "landing", choice, optional, "under", "under|at", none, "Whether the latency of a stop is allowed for, so that the bill ends under a cost limit"},
    {rule, "repeat", duration, optional, "", "1m..30d", none, "How often a rule with 'action: warn' tells again"},
    {rule, "extend", section, optional, "", "", extension, "What a person may add to its limits by hand; without it any amount, any number of times"},
    {rule, "notify", sinks, optional, "", "", none, "Names of sinks that are told of it whatever events they ask for"},
    {rule, "shed", section, optional, "", "", shed, "Which jobs a budget stops before it is exhausted, so that the others last until its reset; with 'budget' only"},
    {rule, "max_stops", section, optional, "", "", max_stops, "The rule's own breaker: over it the rule stops nothing more until a person resets it; its stops don't count in the daemon's"},
    {rule, "through_freeze", choice, optional, "false", "false|true", none, "Whether it stops jobs in a freeze as well"},

    {budget, "limit", money, required, "", "", none, "What the jobs of one group may cost together in one window"},
    {budget, "per", choice, required, "", "hour|day|week|month|total", none, "How long a window is; total is never reset"},
    {budget, "group_by", Type::group_by, optional, "all", "all|account|team|project|user|job", group_pattern, "How jobs are told apart: a word, a list of words, or {job: RE2} for what the first capture takes of a job's name"},
    {budget, "timezone", timezone, optional, "", "", none, "IANA name of the zone of its windows; the file's timezone without it"},
    {budget, "resets_at", text, optional, "", "", none, "When a window begins: ':30' of an hour, '06:00' of a day, 'Mon 06:00' of a week, '1 06:00' of a month; midnight, Monday and the 1st without it"},
    {budget, "queued", choice, optional, "leave", "leave|stop", none, "Whether jobs that cost nothing yet are stopped as well"},

    {shed, "at", percents, required, "", "1%..99%", none, "From which share of the limit on, if it would be exhausted before its reset"},
    {shed, "order", choice, optional, "newest", "newest|oldest|highest_rate|least_spent|lowest_priority", none, "Which job goes first"},

    {extension, "max", amount, optional, "", "", none, "The most that is added at once: a duration, of a budget money"},
    {extension, "times", integer, optional, "", "1..1000", none, "How often, for one job or one budget's group and window"},

    {group_pattern, "job", text, required, "", "", none, "A regular expression (RE2) on the job's name"},

    {selector, "account", globs, optional, "", "", none, "Account names"},
    {selector, "project", globs, optional, "", "", none, "Project names or ids"},
    {selector, "job", globs, optional, "", "", none, "Job names or ids"},
    {selector, "team", globs, optional, "", "", none, "Team names"},
    {selector, "user", globs, optional, "", "", none, "E-mail addresses of the owner"},
    {selector, "instance_type", globs, optional, "", "", none, "Instance type ids"},
    {selector, "gpu_type", globs, optional, "", "", none, "GPU types, such as H100"},
    {selector, "availability", globs, optional, "", "", none, "dedicated or spot"},
    {selector, "priority", integers, optional, "", "0..1000000", none, "Priorities"},
    {selector, "status", globs, optional, "", "", none, "Phases (running) or statuses of the API"},
    {selector, "min_gpus", integer, optional, "", "0..1000000", none, "At least so many GPUs, of all nodes together"},
    {selector, "max_gpus", integer, optional, "", "0..1000000", none, "At most so many GPUs, of all nodes together"},
    {selector, "min_nodes", integer, optional, "", "1..1000000", none, "At least so many nodes"},

    {condition, "running_for", duration, optional, "", "1s..3650d", none, "All stays in running together last so long"},
    {condition, "deploying_for", duration, optional, "", "1s..3650d", none, "The present stay in deploying lasts so long"},
    {condition, "queued_for", duration, optional, "", "1s..3650d", none, "The present stay in the queue lasts so long"},
    {condition, "age", duration, optional, "", "1s..3650d", none, "Since the job was created"},
    {condition, "in_status", section, optional, "", "", in_status, "The job is in one of these statuses"},
    {condition, "cost", money, optional, "", "", none, "The job's bill"},
    {condition, "deadline", instant, optional, "", "", none, "A point in time"},
    {condition, "schedule", section, optional, "", "", Section::schedule, "Weekly windows"},
    {condition, "gpu_utilization", unsupported, optional, "", "", none, "GPU utilization below a share for a time"},
    {condition, "gpu_memory", unsupported, optional, "", "", none, "GPU memory below a share for a time"},
    {condition, "log_silence", unsupported, optional, "", "", none, "No log line for a time"},
    {condition, "log_match", unsupported, optional, "", "", none, "Log lines that match a pattern"},
    {condition, "checkpoint_age", unsupported, optional, "", "", none, "Since the last checkpoint"},
    {condition, "versus_history", unsupported, optional, "", "", none, "Longer than earlier jobs of that name"},
    {condition, "any", sections, optional, "", "", condition, "At least one of these"},
    {condition, "all", sections, optional, "", "", condition, "All of these"},
    {condition, "not", section, optional, "", "", condition, "Not this"},

    {in_status, "status", statuses, required, "", "", none, "One or more statuses"},
    {in_status, "for", duration, optional, "", "1s..3650d", none, "The present stay lasts so long"},

    {Section::schedule, "during", windows, optional, "", "", none, "True inside these windows"},
    {Section::schedule, "outside", windows, optional, "", "", none, "True outside these windows"},
    {Section::schedule, "timezone", timezone, optional, "", "", none, "IANA name; the file's timezone without it"},
};
// clang-format on

constexpr std::array<std::string_view, 4> kNotInDefaults{"name", "match", "when", "budget"};

/// The section whose keys `section` may hold besides its own.
Section base_of(Section section) {
  if (section == exemption) return selector;
  return section == defaults ? rule : none;
}

bool allowed(Section section, const KeySpec& key) {
  if (key.section == section) return true;
  if (key.section != base_of(section)) return false;
  return section != defaults ||
         std::find(kNotInDefaults.begin(), kNotInDefaults.end(), key.name) == kNotInDefaults.end();
}

}  // namespace

std::span<const KeySpec> all_keys() {
  return kKeys;
}

std::vector<const KeySpec*> keys_of(Section section) {
  std::vector<const KeySpec*> keys;
  for (const KeySpec& key : kKeys) {
    if (allowed(section, key)) keys.push_back(&key);
  }
  return keys;
}

const KeySpec* find_key(Section section, std::string_view name) {
  for (const KeySpec& key : kKeys) {
    if (key.name == name && allowed(section, key)) return &key;
  }
  return nullptr;
}

std::string_view name_of(Section section) {
  switch (section) {
    case none:
      break;
    case root:
      return "the configuration";
    case rules_file:
      return "a rules file";
    case account:
      return "an account";
    case secret:
      return "the source of a secret";
    case poll:
      return "'poll'";
    case Section::stop:
      return "'stop'";
    case billing:
      return "'billing'";
    case Section::journal:
      return "'journal'";
    case safety:
      return "'safety'";
    case max_stops:
      return "'max_stops'";
    case exemption:
      return "an exemption";
    case freeze:
      return "a freeze";
    case control:
      return "'control'";
    case heartbeat:
      return "'heartbeat'";
    case sink:
      return "a sink";
    case extension:
      return "'extend'";
    case Section::log:
      return "'log'";
    case rule:
      return "a rule";
    case budget:
      return "'budget'";
    case shed:
      return "'shed'";
    case group_pattern:
      return "'group_by'";
    case defaults:
      return "'defaults'";
    case selector:
      return "a selector";
    case condition:
      return "a condition";
    case in_status:
      return "'in_status'";
    case Section::schedule:
      return "'schedule'";
  }
  return "the configuration";
}

std::vector<std::string_view> split_range(std::string_view range) {
  const std::string_view separator = range.find("..") != std::string_view::npos ? ".." : "|";
  std::vector<std::string_view> parts;
  while (!range.empty()) {
    const std::size_t end = range.find(separator);
    parts.push_back(range.substr(0, end));
    range.remove_prefix(end == std::string_view::npos ? range.size() : end + separator.size());
  }
  return parts;
}

}  // namespace trainstop::policy
