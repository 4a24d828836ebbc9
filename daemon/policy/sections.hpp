// The readers of the configuration's larger parts. Each tells what is wrong through the context and
// gives back what could be read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/config.hpp"
#include "policy/fields.hpp"

namespace trainstop::policy {

/// The name of a rule or an account. Tells when it is none.
std::optional<std::string> read_name(Context& context, const Fields& fields);

/// A selector: a map, or a list of maps.
std::optional<Selector> read_selector(Context& context, const Node& node);

/// Globs of one key: a value, `{list: NAME}`, or a list of these.
std::vector<std::string> read_globs(Context& context, const Node& node, std::string_view key);

/// {credential: NAME}, {env: NAME} or {file: PATH}.
std::optional<SecretSource> read_secret(Context& context, const Node& node);

/// The windows under `key`, in the map's own timezone or that of the file. `always` says what it
/// would mean if they covered the whole week.
std::optional<Schedule> read_schedule(Context& context, const Fields& fields, std::string_view key,
                                      std::string_view always);

/// One map of a selector with `until` and `reason`.
std::optional<Exemption> read_exemption(Context& context, const Node& node);

/// A condition's map; its keys are AND-ed.
std::optional<Condition> read_condition(Context& context, const Node& node);

/// A budget's map, as the condition that the budget of the job's group is exhausted.
std::optional<Condition> read_budget(Context& context, const Node& node);

/// What a rule and `defaults` have in common; what is absent here comes from elsewhere.
struct RuleSettings {
  std::optional<Selector> exclude;
  std::optional<Action> action;
  std::optional<Mode> mode;
  std::optional<Instant> enforce_from;
  std::optional<std::vector<Duration>> warn_before;
  std::optional<std::vector<int>> warn_at_percent;
  std::optional<Duration> grace;
  std::optional<Landing> landing;
  std::optional<Duration> repeat;
  std::optional<MaxStops> max_stops;
  std::optional<Extension> extend;
  std::optional<std::vector<std::string>> notify;
  std::optional<Shed> shed;
  std::optional<bool> through_freeze;
  std::map<std::string, Mark, std::less<>> places;  ///< of `defaults`: where each key stands
};

/// The map `defaults`.
RuleSettings read_defaults(Context& context, const Node& node);

/// Warns of what `defaults` says and no rule there is can take.
void warn_of_idle_defaults(Context& context, const RuleSettings& defaults,
                           const std::vector<Rule>& rules);

/// One rule, completed by `defaults`. Empty when it has no name or no condition that can be read.
std::optional<Rule> read_rule(Context& context, const Node& node, const RuleSettings& defaults);

/// `extend`. The kind of its `max` is as written.
std::optional<Extension> read_extension(Context& context, const Node& node);
/// Tells when what a rule itself says does not fit its condition.
void check_extension(Context& context, const Fields& fields, const Condition& when,
                     const Extension& own);
/// What of an extension applies to a rule with that condition; nothing when none of it does.
std::optional<Extension> fitting(Extension extension, const Condition& when);

/// Warns of a rule whose jobs all fall due at one instant when its breaker would stop none of them.
void warn_of_many_together(Context& context, const Mark& at, const Rule& rule,
                           const MaxStops& of_all);

/// One map of the configuration's `notify`.
std::optional<NotifySink> read_sink(Context& context, const Node& node);
/// `notify` of a rule: names of sinks.
std::optional<std::vector<std::string>> read_told_sinks(Context& context, const Node& node);
/// By the address in lower case.
std::map<std::string, std::string> read_people(Context& context, const Node& node);
std::optional<Heartbeat> read_heartbeat(Context& context, const Node& node);

std::optional<Account> read_account(Context& context, const Node& node);
std::map<std::string, Money> read_prices(Context& context, const Node& node);
/// `shed` of a rule.
std::optional<Shed> read_shed(Context& context, const Node& node);

std::optional<MaxStops> read_max_stops(Context& context, const Node& node);
Config::Poll read_poll(Context& context, const Node& node);
Config::Stop read_stop(Context& context, const Node& node);
Config::Journal read_journal(Context& context, const Node& node);
Config::Safety read_safety(Context& context, const Node& node);
Config::Control read_control(Context& context, const Node& node);
Config::Log read_log(Context& context, const Node& node);
BillingFrom read_billing(Context& context, const Node& node);

/// Adds the lists of one file to the context.
void read_lists(Context& context, const Node& node);

}  // namespace trainstop::policy
