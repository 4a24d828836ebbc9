// The whole configuration as typed values. The reader (policy/reader) fills it; nothing else parses
// YAML.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/money.hpp"
#include "model/time.hpp"
#include "policy/condition.hpp"
#include "policy/selector.hpp"

namespace trainstop::policy {

enum class Mode : std::uint8_t { observe, enforce };
enum class Action : std::uint8_t { stop, warn };
enum class Landing : std::uint8_t { under, at };
enum class BillingFrom : std::uint8_t { created, deploying, running };
enum class LogFormat : std::uint8_t { logfmt, json, text };
enum class AuthScheme : std::uint8_t { api_key, bearer };

/// A place in a file, from 1; line 0 when there is none.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

/// Where a secret comes from; the secret itself is never part of the configuration.
struct SecretSource {
  enum class From : std::uint8_t { credential, env, file } from = From::env;
  std::string name;  ///< credential name, variable name, or path
  Place place = {};  ///< where the configuration says it
};

/// How many jobs may be stopped within which time.
struct MaxStops {
  int count = 10;
  Duration per = std::chrono::hours(1);
  bool operator==(const MaxStops&) const = default;
};

/// Which jobs of a pot are stopped before it is exhausted, one at a time.
struct Shed {
  enum class Order : std::uint8_t { newest, oldest, highest_rate, least_spent, lowest_priority };
  int at_percent = 90;  ///< of the limit
  Order order = Order::newest;
  bool operator==(const Shed&) const = default;
};
std::string_view to_string(Shed::Order order);

/// What a person may add to a rule's limits by hand.
struct Extension {
  std::optional<Duration> max;     ///< in one override; absent: unbounded
  std::optional<Money> max_money;  ///< the same of a budget
  std::optional<int> times;        ///< how often, for one job or pot and window
  bool operator==(const Extension&) const = default;
};

struct Rule {
  std::string name;
  std::optional<Selector> match;  ///< absent: every job
  std::optional<Selector> exclude;
  Condition when;
  Action action = Action::stop;
  Mode mode = Mode::enforce;            ///< the more careful of this and the daemon's wins
  std::optional<Instant> enforce_from;  ///< UTC
  std::vector<Duration> warn_before;    ///< longest first
  std::vector<int> warn_at_percent;     ///< ascending; above 100 only with Action::warn
  Duration grace{0};
  Landing landing = Landing::under;
  Duration repeat{0};                 ///< of a warn rule; 0: told once
  std::optional<Shed> shed;           ///< of a budget
  std::optional<MaxStops> max_stops;  ///< the rule's own breaker; absent: it shares the daemon's
  std::optional<Extension> extend;    ///< absent: unbounded
  std::vector<std::string> notify;    ///< sinks that are told of it whatever their own choice
  bool through_freeze = false;        ///< stops jobs in a freeze as well
  std::string canonical;  ///< the rule's normal form after defaults; equal text keeps its state
                          ///< over a reload
  std::string hash;       ///< 12 hex digits of the canonical text's SHA-256 or XXH128
  Place place;
};

struct Exemption {
  Selector selector;
  std::optional<Instant> until;  ///< UTC
  std::string reason;
};

/// Windows in which stops that fall due are held.
struct Freeze {
  Schedule during;
  std::optional<Selector> match;  ///< absent: every job
  bool operator==(const Freeze&) const = default;
};

/// Who is told of events.
struct NotifySink {
  enum class Format : std::uint8_t { json, slack, exec };
  std::string name;
  Format format = Format::json;
  std::optional<SecretSource> url;   ///< of a webhook
  std::optional<SecretSource> hmac;  ///< key of the signature of a JSON webhook
  std::vector<std::string> exec;     ///< program and arguments
  std::vector<std::string> events;   ///< globs on an event's name
  std::optional<Selector> match;     ///< of events about a job: only of these
  Place place;
};

struct Heartbeat {
  SecretSource url;
  Duration every = std::chrono::minutes(1);
};

struct Account {
  std::string name;
  std::string
      base_url;  ///< `https://host[:port][/path]`, http only for loopback; no trailing slash
  SecretSource api_key;
  AuthScheme auth_scheme = AuthScheme::api_key;
  std::optional<std::filesystem::path> ca_file;
  std::vector<std::string> projects{"*"};  ///< globs on name or id: what the daemon may see
};

struct Config {
  Mode mode = Mode::observe;
  std::string timezone = "UTC";
  std::vector<Account> accounts;
  struct Poll {
    Duration interval = std::chrono::seconds(15);
    Duration timeout = std::chrono::seconds(10);
    int connections = 4;
    int rate_limit = 50;
  } poll;
  struct Stop {
    Duration confirm_every = std::chrono::seconds(3);
    Duration confirm_within = std::chrono::minutes(3);
    int concurrency = 8;
    Duration verify_timeout = std::chrono::seconds(30);
  } stop;
  BillingFrom billing_from = BillingFrom::deploying;
  /// By instance type id or GPUxCOUNT (`H100x8`), with `spot/` before it for spot jobs: USD a
  /// minute for one node.
  std::map<std::string, Money> prices_per_minute;
  std::filesystem::path state_dir = "/var/lib/trainstop";
  struct Journal {
    Duration keep = std::chrono::hours(24 * 400);
    Duration keep_samples = std::chrono::hours(24 * 30);
  } journal;
  struct Safety {
    MaxStops max_stops;
    Duration first_notice = std::chrono::minutes(30);
    Duration unreachable_after = std::chrono::minutes(10);
    std::vector<Exemption> exempt;
    std::vector<Freeze> freeze;
  } safety;
  struct Control {
    std::filesystem::path socket = "/run/trainstop/control.sock";
    std::optional<std::string> group;  ///< of the socket; absent: the daemon's
    int mode = 0660;
  } control;
  std::vector<NotifySink> notify;
  std::map<std::string, std::string> people;  ///< owner's e-mail address: a sink's mention of them
  std::optional<Heartbeat> heartbeat;
  struct Log {
    std::string level = "info";
    LogFormat format = LogFormat::logfmt;
    std::optional<std::filesystem::path> file;  ///< absent: stderr
  } log;
  std::vector<Rule> rules;  ///< in the order of reading; names are unique
  std::string hash;         ///< of the whole canonical text
};

}  // namespace trainstop::policy
