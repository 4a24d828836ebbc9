#include "service/onlooker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "journal/reader.hpp"
#include "policy/rule_changes.hpp"
#include "service/lineage.hpp"

namespace trainstop::service {

namespace {

// A core judges 48 jobs a call: enough for any journal.
constexpr int kMostCalls = 1'000'000;
// Nobody reads more; the count is in the message.
constexpr std::size_t kMostShown = 1000;

const Value* find(const Value::Object& object, std::string_view key) {
  const auto found = std::ranges::find(
      object, key, [](const auto& member) -> std::string_view { return member.first; });
  return found == object.end() ? nullptr : &found->second;
}

Value::Object picked(const Value::Object& from, std::initializer_list<std::string_view> keys) {
  Value::Object fields;
  for (const std::string_view key : keys) {
    if (const Value* value = find(from, key)) fields.emplace_back(std::string(key), *value);
  }
  return fields;
}

bool is_of(const Value::Object& row, const std::set<std::string>& rules) {
  const Value* const rule = find(row, "rule");
  const auto* const name = rule == nullptr ? nullptr : std::get_if<std::string>(&rule->data);
  return name != nullptr && rules.contains(*name);
}

Value::Array stops_of(const core::Core& core, const std::set<std::string>& rules) {
  Value::Array stops;
  const Value::Object status = core.status(kMostShown, {});
  const Value* const jobs = find(status, "jobs");
  const auto* const rows = jobs == nullptr ? nullptr : std::get_if<Value::Array>(&jobs->data);
  if (rows == nullptr) return stops;
  for (const Value& row : *rows) {
    const auto* const job = std::get_if<Value::Object>(&row.data);
    if (job == nullptr || !is_of(*job, rules) || find(*job, "due_at") == nullptr) continue;
    const Value* const mode = find(*job, "mode");
    if (mode != nullptr && *mode != Value("enforce")) continue;
    stops.emplace_back(picked(*job, {"account", "job", "job_name", "rule", "due_at"}));
  }
  return stops;
}

Value::Array warns_of(const std::vector<Event>& events, const std::set<std::string>& rules) {
  Value::Array warns;
  for (const Event& event : events) {
    const bool warns_only = event.name == "rule.warned" ||
                            (event.name == "rule.tripped" && event.find("action") != nullptr &&
                             *event.find("action") == Value("warn"));
    if (!warns_only || !is_of(event.fields, rules)) continue;
    warns.emplace_back(picked(event.fields, {"account", "job", "job_name", "rule", "due_at"}));
    if (warns.size() == kMostShown) break;
  }
  return warns;
}

}  // namespace

Onlooker look_on(policy::Config config, std::vector<Image> present, Instant line, Duration shift) {
  Onlooker onlooker{core::Core(std::move(config), line, shift, 0), {}};
  const auto hear = [&](core::Batch batch) {
    std::ranges::move(batch.records, std::back_inserter(onlooker.events));
    return batch.wake;
  };
  core::Recalled recalled;
  recalled.images = std::move(present);
  Instant wake = hear(onlooker.core.handle(recalled, line));
  for (int calls = 0; wake <= line && calls < kMostCalls; ++calls)
    wake = hear(onlooker.core.handle(core::Tick{}, line));
  return onlooker;
}

Failure unreadable(const journal::Error& error) {
  return {FailureKind::transport, error.message, 0, {}};
}

Result<Value::Object> foresee(const policy::Config& from, policy::Config to,
                              const std::filesystem::path& directory, Instant utc_now) {
  auto reader = journal::open_reader(directory);
  if (!reader) return unreadable(reader.error());
  auto present = (*reader)->present();
  if (!present) return unreadable(present.error());
  const policy::RuleChanges changes = policy::rule_changes(from, to);
  std::set<std::string> judged;
  for (const policy::Rule& rule : to.rules) {
    if (changes.is_new(rule.name) || from.mode != to.mode) judged.insert(rule.name);
  }
  const Duration shift = last_utc_shift(present->images);
  const Instant line = saturating_add(utc_now, -shift);
  const Onlooker onlooker = look_on(std::move(to), std::move(present->images), line, shift);
  Value::Object seen;
  seen.emplace_back("message",
                    fmt::format("rules: {} added, {} changed, {} removed", changes.added.size(),
                                changes.changed.size(), changes.removed.size()));
  for (auto& field : policy::fields_of(changes)) seen.push_back(std::move(field));
  seen.emplace_back("stops", stops_of(onlooker.core, judged));
  seen.emplace_back("warns", warns_of(onlooker.events, judged));
  return seen;
}

}  // namespace trainstop::service
