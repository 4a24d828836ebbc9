#include "simulation/world.hpp"

#include <algorithm>
#include <stdexcept>

#include "policy/reader.hpp"

namespace trainstop::test {

namespace {

policy::Config configuration(const std::string& yaml) {
  std::string text = yaml;
  const auto lacks = [&](const std::string& key) {
    return text.rfind(key, 0) != 0 && text.find("\n" + key) == std::string::npos;
  };
  if (lacks("mode:")) text = "mode: enforce\n" + text;
  if (lacks("accounts:")) text = "accounts: [{name: main, api_key: {env: KEY}}]\n" + text;
  policy::ReadResult result = policy::read_config({"test.yaml", text});
  std::string problems;
  for (const auto& problem : result.problems) problems += format(problem) + "\n";
  if (!result.config) throw std::invalid_argument(problems);
  return std::move(*result.config);
}

}  // namespace

World::World(const std::string& yaml, std::uint64_t seed) : yaml_(yaml), seed_(seed) {
  core_.emplace(configuration(yaml), kStart, Duration{0}, seed);
}

void World::restart(Duration away, const std::string& yaml) {
  if (!yaml.empty()) yaml_ = yaml;
  start(away, false);
}

void World::restart_without_journal(Duration away) {
  present_.clear();
  start(away, true);
}

void World::start(Duration away, bool lost) {
  core_.reset();
  wake_ = kNever;
  const std::uint64_t life = ++life_;
  later(now_ + away, [this, life, lost] {
    if (life != life_) return;
    core_.emplace(configuration(yaml_), now_, Duration{0}, ++seed_);
    // In small pieces, with calls between them, as the shell does.
    std::vector<core::Recalled> pieces(1);
    for (const auto& [key, image] : present_) {
      if (pieces.back().images.size() == 3) pieces.emplace_back();
      pieces.back().images.push_back(image);
    }
    pieces.back().lost = lost;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      pieces[i].last = i + 1 == pieces.size();
      feed(pieces[i]);
      if (core_) feed(core::Tick{});
      if (life != life_) return;
    }
  });
}

core::Answer World::order(decltype(core::Command::what) what) {
  core::Command command;
  command.token = ++tokens_;
  command.user = "ana";
  command.reason = "test";
  command.what = std::move(what);
  feed(command);
  return answers.back();
}

core::Answer World::reload(const std::string& yaml) {
  yaml_ = yaml;
  core::Reload fact;
  fact.token = ++tokens_;
  fact.user = "ana";
  fact.config = std::make_shared<const policy::Config>(configuration(yaml));
  std::vector<Image> bills;
  for (const auto& [key, image] : present_) {
    if (image.kind == Image::Kind::bill) bills.push_back(image);
  }
  fact.bills = std::make_shared<const std::vector<Image>>(std::move(bills));
  feed(fact);
  return answers.back();
}

bool World::dies(const core::Batch& batch, Death where) {
  if (death_ != where) return false;
  const bool here = std::any_of(batch.records.begin(), batch.records.end(),
                                [&](const Event& event) { return event.name == death_event_; });
  if (!here) return false;
  death_ = Death::none;
  core_.reset();
  wake_ = kNever;
  ++life_;
  return true;
}

void World::keep(std::vector<Image> images) {
  images_written_ += images.size();
  for (Image& image : images) {
    const std::pair key(image.kind, image.key);
    if (image.change == Image::Change::close) {
      present_.erase(key);
    } else {
      image.change = Image::Change::put;
      present_[key] = std::move(image);
    }
  }
}

TrueJob& World::add(const std::string& id, Duration created, const std::string& status) {
  TrueJob& job = jobs_[id];
  job.now.id = id;
  job.now.project_id = "proj1";
  job.now.project_name = "llm";
  job.now.name = "name-" + id;
  job.now.created_at = kStart + created;
  job.now.instance_type = "H100x8";
  job.now.gpu_type = "H100";
  job.now.gpu_count = 8;
  job.now.user = "ana@corp.example";
  const Instant when = std::max(now_, job.now.created_at);
  set_status(id, status);
  job.now.updated_at = std::min(when, job.now.created_at);
  if (job.began != kNever) job.began = job.now.created_at;
  return job;
}

void World::set_status(const std::string& id, const std::string& status) {
  TrueJob& job = jobs_.at(id);
  job.now.status = "TRAINING_JOB_" + status;
  job.now.updated_at = now_;
  const Phase phase = phase_of(job.now.status);
  if ((phase == Phase::deploying || phase == Phase::running) && job.began == kNever)
    job.began = now_;
  if (phase == Phase::ended && !job.ended) job.ended = now_;
  if (phase != Phase::ended) job.ended.reset();
}

void World::later(Instant when, std::function<void()> what) {
  planned_.push({std::max(when, now_), ++orders_, std::move(what)});
}

void World::answer_later(Instant when, std::function<void()> what) {
  later(when, [this, life = life_, what = std::move(what)] {
    if (life == life_ && core_) what();
  });
}

void World::at(Duration when, std::function<void()> what) {
  later(kStart + when, std::move(what));
}

void World::run_until(Duration when) {
  const Instant end = kStart + when;
  for (int steps = 0; steps < 10'000'000; ++steps) {
    const Instant next = std::min(wake_, planned_.empty() ? kNever : planned_.top().at);
    if (next > end) {
      now_ = end;
      return;
    }
    now_ = std::max(now_, next);
    if (!planned_.empty() && planned_.top().at <= now_) {
      const auto what = planned_.top().what;
      planned_.pop();
      what();
    } else {
      feed(core::Tick{});
    }
  }
  throw std::logic_error("the core spins");
}

void World::feed(const core::Fact& fact) {
  core::Batch batch = core_->handle(fact, now_);
  ++calls_of_core_;
  wake_ = batch.wake;
  on_batch(batch);
  if (dies(batch, Death::before_records)) return;
  keep(std::move(batch.images));
  const bool dead = dies(batch, Death::before_acts);
  for (Event& event : batch.records) events.push_back(std::move(event));
  if (dead) return;
  for (const core::Act& act : batch.acts) carry_out(act);
}

void World::set_shift(Duration shift, bool unproven) {
  core::ClockRead read;
  read.utc_shift = shift;
  read.unproven = unproven;
  feed(read);
}

void World::carry_out(const core::Act& act) {
  std::visit([this](const auto& value) { answer(value); }, act);
}

void World::answer(const core::FetchList& act) {
  calls.push_back({"list", {}, now_, act.filtered});
  const Instant sent = now_;
  const Trouble trouble = on_list(act.filtered);
  if (trouble.failure) {
    answer_later(sent + latency, [this, act, sent, failure = *trouble.failure] {
      feed(core::FetchFailed{act.request, act.account, sent, now_, failure});
    });
    return;
  }
  core::ListRead read{act.request, act.account, sent, sent, act.filtered, {}, 0, {}};
  for (const auto& [id, job] : jobs_) {
    if (!job.exists || job.now.created_at > now_) continue;
    const auto& active = core::kActiveStatuses;
    const bool listed = std::any_of(std::begin(active), std::end(active),
                                    [&](const char* status) { return job.now.status == status; });
    if (act.filtered && !listed) continue;
    read.jobs.push_back(std::make_shared<const JobSnapshot>(job.now));
  }
  edit_list(read.jobs);
  answer_later(sent + latency, [this, read]() mutable {
    read.received = now_;
    feed(read);
  });
}

void World::answer(const core::FetchJob& act) {
  calls.push_back({"read", act.job_id, now_});
  const Instant sent = now_;
  Trouble trouble = on_read(act.job_id);
  const auto found = jobs_.find(act.job_id);
  const bool exists = found != jobs_.end() && found->second.exists;
  if (!exists && !trouble.failure) trouble = failing(FailureKind::not_found, 404);
  if (trouble.failure) {
    answer_later(sent + latency, [this, act, sent, failure = *trouble.failure] {
      feed(core::FetchFailed{act.request, act.account, sent, now_, failure});
    });
    return;
  }
  core::JobRead read{act.request, act.account, sent, sent,
                     std::make_shared<const JobSnapshot>(found->second.now)};
  answer_later(sent + latency, [this, read]() mutable {
    read.received = now_;
    feed(read);
  });
}

void World::take_stop(const std::string& id) {
  TrueJob& job = jobs_.at(id);
  if (job.applied || phase_of(job.now.status) == Phase::ended) return;
  job.applied = now_;
  later(now_ + job.stop_latency, [this, id] {
    if (phase_of(jobs_.at(id).now.status) != Phase::ended) set_status(id, "STOPPED");
  });
}

void World::answer(const core::SendStop& act) {
  calls.push_back({"stop", act.job_id, now_});
  const Instant sent = now_;
  jobs_.at(act.job_id).stop_requests.push_back(sent);
  answer_later(sent, [this, act] { feed(core::StopSent{act.request, now_}); });
  const Trouble trouble = on_stop(act.job_id);
  if (!trouble.failure || trouble.applied)
    later(sent + latency / 2, [this, act] { take_stop(act.job_id); });
  answer_later(sent + latency, [this, act, sent, trouble] {
    core::StopReplied reply;
    reply.request = act.request;
    reply.sent = sent;
    reply.received = now_;
    reply.failure = trouble.failure;
    feed(reply);
  });
}

bool World::fails_aside(const std::string& what, core::RequestId request, AccountIndex account) {
  calls.push_back({what, {}, now_});
  const Trouble trouble = on_side(what);
  if (!trouble.failure) return false;
  answer_later(now_ + latency, [this, request, account, sent = now_, failure = *trouble.failure] {
    feed(core::FetchFailed{request, account, sent, now_, failure});
  });
  return true;
}

void World::answer(const core::FetchPrices& act) {
  if (fails_aside("prices", act.request, act.account)) return;
  core::PricesRead read{act.request, act.account, {}, 0, {}};
  for (const auto& [type, price] : prices)
    read.per_minute.emplace_back(type, *parse_decimal_dollars(price));
  answer_later(now_ + latency, [this, read] { feed(read); });
}

void World::answer(const core::FetchProjects& act) {
  if (fails_aside("projects", act.request, act.account)) return;
  core::ProjectsRead read;
  read.request = act.request;
  read.account = act.account;
  read.projects = projects;
  answer_later(now_ + latency, [this, read] { feed(read); });
}

void World::answer(const core::FetchUsage& act) {
  calls.push_back({"usage", {}, now_});
  const Usage usage = on_usage(act);
  answer_later(now_ + latency, [this, act, usage, sent = now_] {
    if (usage.failure) {
      feed(core::FetchFailed{act.request, act.account, sent, now_, *usage.failure});
      return;
    }
    core::UsageRead read;
    read.request = act.request;
    read.account = act.account;
    read.from = act.from;
    read.until = act.until;
    read.days = usage.days;
    read.unusable = usage.unusable;
    if (usage.unusable != 0) read.first_problem = "it is odd";
    feed(read);
  });
}

World::Usage World::true_usage(const core::FetchUsage& asked, std::int64_t per_minute,
                               Duration lag) const {
  Usage usage;
  for (const auto& [id, job] : jobs_) {
    if (job.began == kNever) continue;
    std::map<std::chrono::sys_days, std::int64_t> minutes;
    const Instant end = std::min(job.ended.value_or(now_), now_ - lag);
    for (Instant minute = job.began; minute < end; minute += 1min)
      ++minutes[std::chrono::floor<std::chrono::days>(minute)];
    for (const auto& [day, count] : minutes) {
      if (day < asked.from || day >= asked.until) continue;
      const std::int64_t nodes = job.now.node_count.value_or(1);
      usage.days.push_back({id, day, count, Money::from_nano(count * nodes * per_minute)});
    }
  }
  return usage;
}

}  // namespace trainstop::test
