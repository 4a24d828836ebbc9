// What persons have changed for a while: exemptions, extensions, pauses, raised budgets. Each has
// an id and an end; what it does to jobs stands where rules are judged.
#include <algorithm>

#include "core/machine.hpp"
#include "core/memory.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

namespace {

bool covers_pot(const Override& made, std::string_view rule, const std::string& group) {
  return made.kind == Override::Kind::raise && made.rule == rule &&
         (!made.group || *made.group == group);
}

}  // namespace

std::string_view to_string(Override::Kind kind) {
  switch (kind) {
    case Override::Kind::exempt:
      return "exempt";
    case Override::Kind::extend:
      return "extend";
    case Override::Kind::pause:
      return "pause";
    case Override::Kind::raise:
      return "raise";
  }
  return {};
}

Override& Core::Impl::make_override(const Command& command, Override::Kind kind, Duration lasts) {
  Override made;
  do {
    made.id = "ov-" + random.word(8);
  } while (overrides.contains(made.id));
  made.kind = kind;
  made.at = utc(now);
  made.until = saturating_add(made.at, lasts);
  made.user = command.user;
  made.reason = command.reason;
  made.told = now;
  return overrides.emplace(made.id, std::move(made)).first->second;
}

/// Once its members are set: whom it concerns is judged anew.
void Core::Impl::take_effect(const Override& made) {
  plan_overrides();
  if (made.kind == Override::Kind::raise) {
    for (auto& [key, pot] : pots) {
      if (covers_pot(made, config.rules[pot.rule].name, pot.group)) raise(pot);
    }
    return;
  }
  if (made.job.empty()) {
    for (Account& account : accounts) touch_all(account);
    return;
  }
  Job* const job = find_job(made.job);
  if (job == nullptr) return;
  attach_overrides(accounts[job->account], *job);
  if (job->alive()) touch(*job);
}

void Core::Impl::attach_overrides(const Account& account, Job& job) {
  job.overrides.clear();
  if (overrides.empty()) return;
  const std::string key = key_of(account, job);
  for (const auto& [id, made] : overrides) {
    if (made.job == key) job.overrides.push_back(&made);
  }
}

Duration Core::Impl::extension_of(const Job& job, const policy::Rule& rule) const {
  Duration sum{0};
  for (const Override* made : job.overrides) {
    if (made->kind == Override::Kind::extend && made->covers(rule.name) && in_force(*made))
      sum += made->by;
  }
  return sum;
}

/// How often persons have raised all groups of the budget alike: those that come later as well.
int Core::Impl::raises_of_all(const std::string& rule) const {
  return static_cast<int>(std::ranges::count_if(overrides, [&](const auto& entry) {
    const Override& made = entry.second;
    return made.kind == Override::Kind::raise && made.rule == rule && !made.group && in_force(made);
  }));
}

/// Sums up what persons have added to the pot's limit.
void Core::Impl::raise(Pot& pot) {
  Money sum;
  for (const auto& [id, made] : overrides) {
    if (covers_pot(made, config.rules[pot.rule].name, pot.group) && in_force(made))
      sum = add(sum, made.money).value_or(sum);
  }
  if (sum == pot.raised) return;
  const bool more = sum > pot.raised;
  pot.raised = sum;
  pot.first = true;  // what falls due by this was foreseen by the person
  // One that is recalled as exhausted was so with all that had been added.
  if (more && !recalling && pot.exhausted != kNever) {
    pot.exhausted = kNever;
    pot.watch.told = kNever;
  }
  touch(pot);
}

void Core::Impl::end_override(const std::string& id, const char* event, const std::string& user,
                              const std::string& reason) {
  const auto found = overrides.find(id);
  const Override ended = found->second;
  batch.images.push_back({Image::Kind::override_, Image::Change::close, id, {}});
  overrides.erase(found);
  take_effect(ended);
  const bool by_itself = user.empty();
  Event& told = tell_override(event, ended,
                              std::string(to_string(ended.kind)) +
                                  (by_itself ? " has reached its end" : " was ended by hand"));
  if (by_itself) return;
  told.with("operator", user).with("reason", reason);
}

/// Ends what has reached its end, and tells again of what is paused.
void Core::Impl::tend_overrides() {
  if (overrides_at > now) return;
  std::vector<std::string> over;
  for (auto& [id, made] : overrides) {
    if (!in_force(made)) {
      over.push_back(id);
    } else if (made.kind == Override::Kind::pause && now >= saturating_add(made.told, kTellAgain)) {
      made.told = now;
      remember(made);
      Event& event = tell_override("operator.pause", made, "stops are still paused");
      event.with("operator", made.user).with("reason", made.reason).with("since", made.at);
    }
  }
  for (const std::string& id : over) end_override(id, "operator.expired", {}, {});
  plan_overrides();
}

void Core::Impl::plan_overrides() {
  pauses.clear();
  overrides_at = kNever;
  for (const auto& [id, made] : overrides) {
    overrides_at = std::min(overrides_at, saturating_add(made.until, -shift));
    if (made.kind != Override::Kind::pause) continue;
    pauses.push_back(&made);
    overrides_at = std::min(overrides_at, saturating_add(made.told, kTellAgain));
  }
}

Event& Core::Impl::tell_override(const char* name, const Override& made, std::string message) {
  const Job* const job = made.job.empty() ? nullptr : find_job(made.job);
  if (!made.rule.empty()) message += " (rule " + made.rule + ")";
  Event& event = job != nullptr ? tell_job(name, Level::warning, accounts[job->account], *job,
                                           std::move(message))
                                : tell(name, Level::warning, std::move(message));
  event.with("override", made.id).with("kind", to_string(made.kind));
  if (!made.rule.empty()) event.with("rule", made.rule);
  if (made.group) event.with("group", *made.group);
  if (made.by > Duration{0}) event.with("by", made.by);
  if (made.money > Money{}) event.with("by", made.money);
  return event.with("until", made.until);
}

void Core::Impl::remember(const Override& made) {
  Value::Object body;
  MemberWriter writer(body);
  Override::members(writer, made);
  batch.images.push_back({Image::Kind::override_, Image::Change::put, made.id, std::move(body)});
}

/// Comes after the jobs and what rules have told of them. One that ended while the daemon was away
/// ends now, so that what it spared gets its notice.
bool Core::Impl::recall_override(const Image& image) {
  if (planted("pause-forgotten")) return true;
  Override made;
  MemberReader reader(image.body);
  Override::members(reader, made);
  if (reader.failed() || image.key.empty() || !reader.is_sometime(made.until)) return false;
  made.id = image.key;
  const auto [found, added] = overrides.emplace(image.key, std::move(made));
  if (!added) return false;
  const Override& kept = found->second;
  take_effect(kept);
  const bool spares = kept.kind == Override::Kind::exempt || kept.kind == Override::Kind::pause;
  if (!spares) return true;
  const Standing standing =
      kept.kind == Override::Kind::pause ? Standing::paused : Standing::exempt;
  for (Account& account : accounts) {
    for (Job* job : account.live) {
      if (!kept.job.empty() && kept.job != key_of(account, *job)) continue;
      for (Pair& pair : job->pairs) {
        if (kept.covers(config.rules[pair.rule].name)) pair.standing = standing;
      }
    }
  }
  return true;
}

}  // namespace trainstop::core
