#include "proof/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "core/reset.hpp"
#include "policy/reader.hpp"
#include "proof/digest.hpp"

namespace trainstop::proof {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kRetryWrite = seconds(1);
constexpr Duration kLookEvery = minutes(7);
// A fact a second is far more than any world gives; a core that spins gives more.
constexpr std::uint64_t kMostFactsAnHour = 20'000;

policy::Config read(const RuleSet& set) {
  const std::string text = to_yaml(set);
  policy::ReadResult result = policy::read_config({"proof.yaml", text});
  std::string problems;
  for (const auto& problem : result.problems) problems += format(problem) + "\n";
  if (!result.config) throw std::logic_error(problems + text);
  return std::move(*result.config);
}

}  // namespace

World::World(Plan plan, Options options)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      truth_(plan_),
      api_(plan_, truth_, options_.as_text),
      disk_(plan_),
      checker_(plan_, truth_, api_) {
  for (const RuleSet& set : plan_.rules) configs_.push_back(read(set));
}

void World::say(const std::string& what) const {
  if (!options_.story) return;
  const Duration since = now_ - kStart;
  options_.story(fmt::format("{:>3}:{:02}:{:02}.{:03} {}", since / std::chrono::hours(1),
                             since / minutes(1) % 60, since / seconds(1) % 60,
                             since / std::chrono::milliseconds(1) % 1000, what));
}

void World::push(Item item) {
  queue_.push_back(std::move(item));
  std::push_heap(queue_.begin(), queue_.end());
}

void World::later(Instant at, std::uint64_t life, std::function<void()> what) {
  push({std::max(at, now_), ++orders_, life, std::move(what)});
}

Instant World::wall() const {
  return now_ + wall_error_at(plan_, now_);
}

void World::live(int rules) {
  ++lives_;
  Shell::Parts parts;
  parts.api = &api_;
  parts.disk = &disk_;
  parts.checker = &checker_;
  parts.as_text = options_.as_text;
  parts.now = [this] { return now_; };
  parts.wall = [this] { return wall(); };
  parts.later = [this, life = lives_](Instant at, std::function<void()> what) {
    later(at, life, std::move(what));
  };
  parts.at_api = [this](Instant at, std::function<void()> what) { later(at, 0, std::move(what)); };
  parts.on_batch = [this](const core::Batch& batch) {
    digest_ = digest_of(batch, digest_);
    std::erase_if(awaited_, [&](const ReloadPlan& awaited) {
      const bool struck = std::ranges::any_of(
          batch.records, [&](const Event& event) { return event.name == awaited.event; });
      if (struck) later(now_ + awaited.after, 0, [this, rules = awaited.rules] { reload(rules); });
      return struck;
    });
    std::erase_if(awaited_hands_, [&](HandPlan& hand) {
      const auto struck = std::ranges::find_if(
          batch.records, [&](const Event& event) { return event.name == hand.event; });
      if (struck == batch.records.end()) return false;
      const std::string id = text_of(*struck, "job");
      if (const TrueJob* job = truth_.find(id))
        hand.job = "main/" + job->plan->project_id + "/" + id;
      later(now_ + hand.after, 0, [this, hand] { order(hand); });
      return true;
    });
  };
  if (options_.story) parts.story = [this](const std::string& line) { say(line); };
  parts.write_disk = [this] { write_disk(); };
  const auto index = static_cast<std::size_t>(rules);
  say(fmt::format("== life {} begins with rules {}", lives_, rules));
  checker_.begin(plan_.rules[index], now_, fresh_);
  const std::uint64_t seed = plan_.seed * 31 + lives_;
  shell_ = std::make_unique<Shell>(std::move(parts), configs_[index], seed);
  shell_->begin(disk_.present(), false);
  fresh_ = false;
}

void World::die(const Death& death) {
  if (!shell_) return;
  say("== the daemon dies");
  facts_ += shell_->facts();
  shell_.reset();
  armed_ = {};
  const Disk::Written written = disk_.die(now_);
  if (written.core_batch != 0) checker_.durable(written.core_batch);
  checker_.die(now_);
  ++lives_;  // answers to it are lost
  api_.trouble(now_ + death.away);
  later(now_ + death.away, lives_,
        [this, rules = death.rules] { live(rules != 0 ? rules : loaded_); });
}

void World::reload(int rules) {
  loaded_ = rules;  // the file has changed, whether a daemon reads it or not
  if (!shell_ || now_ < asleep_until_) return;
  const auto index = static_cast<std::size_t>(rules);
  say(fmt::format("== reload of rules {}", rules));
  core::Reload fact;
  fact.token = ++tokens_;
  fact.user = "ana";
  fact.config = std::make_shared<const policy::Config>(configs_[index]);
  checker_.will_load(fact.token, plan_.rules[index]);
  shell_->order(std::move(fact));
}

void World::write_disk() {
  const auto ends = disk_.begin(now_);
  if (!ends) return;
  if (*ends > now_ + std::chrono::milliseconds(50)) api_.trouble(*ends);
  later(*ends, lives_, [this] { written(); });
}

void World::written() {
  const Disk::Written written = disk_.end(now_);
  if (written.failed) {
    api_.trouble(now_ + seconds(2));
    shell_->write_failed();
    later(now_ + kRetryWrite, lives_, [this] { write_disk(); });
    return;
  }
  if (written.core_batch != 0) checker_.durable(written.core_batch);
  if (shell_->struck && armed_.after_write && written.core_batch >= shell_->struck_batch)
    return die(Death(armed_));
  shell_->written(written.batches);
  write_disk();
}

void World::sleep(const Span& span) {
  asleep_until_ = std::max(asleep_until_, kStart + span.to);
  say("== the machine sleeps until " + format_rfc3339(asleep_until_));
  checker_.frozen = true;
  api_.trouble(asleep_until_ + seconds(15));
  later(asleep_until_, 0, [this] {
    if (now_ < asleep_until_) return;
    checker_.frozen = false;
    checker_.thawed = now_;
  });
}

void World::pulse() {
  // A step of the wall clock is seen within a second; between steps there is little to see.
  Instant next = now_ + seconds(30);
  for (const Span& span : plan_.wall_errors) {
    for (const Duration edge : {span.from, span.to}) {
      const Instant seen = kStart + edge + std::chrono::milliseconds(plan_.seed % 1000);
      if (seen > now_) next = std::min(next, seen);
    }
  }
  later(next, 0, [this] { pulse(); });
  if (shell_ && now_ >= asleep_until_) shell_->pulse();
}

void World::look() {
  later(now_ + (options_.dense ? Duration(seconds(1)) : kLookEvery), 0, [this] { look(); });
  checker_.look(now_, seconds(options_.dense ? 4 : 12));
}

void World::plan_death(const Death& death) {
  later(kStart + death.at, 0, [this, death] {
    if (!shell_ || now_ < asleep_until_) return;
    if (death.event.empty()) {
      if (death.orderly) shell_->shut_down();
      return die(death);
    }
    armed_ = death;
    shell_->death_event = death.event;
  });
}

void World::plan_reload(const ReloadPlan& reload_plan) {
  later(kStart + reload_plan.at, 0, [this, reload_plan] {
    if (!reload_plan.event.empty()) return awaited_.push_back(reload_plan);
    reload(reload_plan.rules);
  });
}

void World::plan_hand(const HandPlan& hand) {
  later(kStart + hand.at, 0, [this, hand] {
    if (!hand.event.empty()) return awaited_hands_.push_back(hand);
    order(hand);
  });
}

void World::order(const HandPlan& hand) {
  using Kind = HandPlan::Kind;
  using core::Command;
  if (!shell_ || now_ < asleep_until_) return;
  Command command;
  command.token = ++tokens_;
  command.user = "ana";
  command.reason = "asked for";
  const auto& rules = checker_.known().rules->rules;
  std::optional<std::string> rule;
  if (hand.one_rule && !rules.empty()) rule = rules[hand.pick % rules.size()].name;
  switch (hand.kind) {
    case Kind::exempt:
      command.what = Command::Exempt{hand.job, rule, hand.lasts};
      break;
    case Kind::extend:
      command.what = Command::Extend{hand.job, rule, hand.by, hand.lasts};
      break;
    case Kind::pause:
      command.what = Command::Pause{rule, hand.lasts};
      break;
    case Kind::resume:
      command.what = Command::Resume{rule};
      break;
    case Kind::revoke: {
      const auto& hands = checker_.known().hands;
      if (hands.empty()) return;
      command.what = Command::Revoke{hands[hand.pick % hands.size()].id};
      break;
    }
    case Kind::stop:
      command.what = Command::StopJob{hand.job, hand.force};
      break;
    case Kind::reset: {
      Command::ResetBreaker reset;
      for (const auto& [id, job] : checker_.known().jobs)
        if (job.held) reset.shown.push_back(job.held_id);
      command.what = std::move(reset);
    }
  }
  say(fmt::format("== a person orders {} of {} {}", command.what.index(), hand.job,
                  rule.value_or("")));
  shell_->order(std::move(command));
}

/// The adversary rests. Who looks after the daemon finds it stopped at last, and resets the
/// breaker.
void World::plan_rest() {
  later(kStart + plan_.active, 0, [this] {
    say("== the adversary rests");
    awaited_.clear();
    awaited_hands_.clear();
    const bool open = !checker_.known().breaker.empty();
    if (shell_ && !open && plan_.deaths.empty()) return;
    if (shell_) die(Death{});
    const auto images = core::reset_breaker(disk_.present());
    if (!images.empty()) say("== a person resets the breaker");
    if (!images.empty()) checker_.reset_breaker();
    disk_.put(images);
  });
}

void World::plan_all() {
  for (const Death& death : plan_.deaths) plan_death(death);
  for (const HandPlan& hand : plan_.hands) plan_hand(hand);
  for (const ReloadPlan& reload : plan_.reloads) plan_reload(reload);
  for (const Span& span : plan_.suspends)
    later(kStart + span.from, 0, [this, span] { sleep(span); });
  plan_rest();
  later(kStart, 0, [this] { live(0); });
  later(kStart + seconds(1), 0, [this] { pulse(); });
  later(kStart + kLookEvery, 0, [this] { look(); });
}

bool World::step(Instant end) {
  const Instant wake = shell_ ? std::max(shell_->wake(), asleep_until_) : kNever;
  const Instant next = std::min(wake, queue_.empty() ? kNever : queue_.front().at);
  if (next > end || checker_.violation()) return false;
  now_ = std::max(now_, next);
  if (queue_.empty() || queue_.front().at > now_) {
    shell_->tick();
  } else {
    std::pop_heap(queue_.begin(), queue_.end());
    Item item = std::move(queue_.back());
    queue_.pop_back();
    const bool gone = item.life != 0 && item.life != lives_;
    if (gone) return true;
    if (item.life != 0 && now_ < asleep_until_) {
      item.at = asleep_until_;
      push(std::move(item));
      return true;
    }
    item.what();
  }
  if (shell_ && shell_->struck && !armed_.after_write) die(Death(armed_));
  return true;
}

Outcome World::run() {
  plan_all();
  const Instant end = kStart + plan_.length;
  std::uint64_t steps = 0;
  const auto length_h = static_cast<std::uint64_t>(plan_.length / std::chrono::hours(1) + 1);
  while (step(end)) {
    if (++steps > kMostFactsAnHour * 10 * length_h)
      checker_.breach("spin", "the daemon spins", now_);
  }
  now_ = std::max(now_, std::min(end, now_));
  if (!checker_.violation() && plan_.length >= plan_.active + std::chrono::hours(1))
    checker_.look_at_end(now_);
  Outcome outcome;
  outcome.violation = checker_.violation();
  outcome.digest = digest_;
  outcome.facts = facts_ + (shell_ ? shell_->facts() : 0);
  outcome.lives = lives_;
  outcome.stops = checker_.intents();
  outcome.length = now_ - kStart;
  if (outcome.violation)
    say(fmt::format("!! {}: {}", outcome.violation->property, outcome.violation->what));
  return outcome;
}

Outcome run_seed(std::uint64_t seed, const Mask& mask, const Options& options) {
  World world(make_plan(seed, mask), options);
  return world.run();
}

}  // namespace trainstop::proof
