// What a core recalls: whatever the journal's images hold, it does not fall, and as long as one of
// them could not be read nothing is stopped.
#include <optional>

#include "core/core.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/images.hpp"
#include "journal/encoding.hpp"
#include "policy/reader.hpp"

namespace trainstop::fuzz {
namespace {

constexpr Instant kStart{std::chrono::seconds(1767571200 + 900)};
constexpr const char* kConfiguration = R"(mode: enforce
accounts: [{name: a, api_key: {env: A}}, {name: b, api_key: {env: B}}]
poll: {interval: 5m}
safety: {first_notice: 0s}
rules:
  - {name: long, when: {running_for: 10m}, warn_before: [5m, 1m]}
  - {name: costly, when: {cost: $400}, warn_at: [50%, 80%], grace: 1m}
  - {name: told, when: {any: [{age: 1h}, {in_status: {status: RUNNING, for: 5m}}]}, action: warn, repeat: 1h}
  - {name: nights, match: {user: "*@corp.example"}, when: {schedule: {outside: "Mon-Fri 09:00-18:00"}}}
  - {name: pot, budget: {limit: $100, per: day, group_by: user}}
)";
// Enough for a stop: a list, prices, projects, a read, and the wakes between them.
constexpr int kSteps = 12;

const policy::Config& configuration() {
  static const policy::Config config = [] {
    policy::ReadResult result = policy::read_config({"fuzz.yaml", kConfiguration});
    for (const policy::Problem& problem : result.problems) {
      std::fprintf(stderr, "%s\n", format(problem).c_str());
    }
    require(result.config.has_value(), "the configuration is sound");
    return std::move(*result.config);
  }();
  return config;
}

/// A job that every rule wants ended.
JobRef overdue_job() {
  auto job = std::make_shared<JobSnapshot>();
  job->id = "j";
  job->project_id = job->project_name = "p";
  job->status = "TRAINING_JOB_RUNNING";
  job->created_at = job->updated_at = kStart - std::chrono::hours(48);
  job->instance_type = "H100x8";
  job->gpu_count = 8;
  job->user = "ana@corp.example";
  return job;
}

/// One image that nothing can read; it comes before or behind the breaker's.
Image garbage(bool early) {
  const auto kind = early ? Image::Kind::price : Image::Kind::job;
  return {kind, Image::Change::put, "a/p/garbage", {{"type", 7}, {"status", 7}}};
}

bool same(const core::Batch& a, const core::Batch& b) {
  const auto same_event = [](const Event& x, const Event& y) {
    return x.name == y.name && x.at == y.at && x.message == y.message;
  };
  return a.number == b.number && a.wake == b.wake && a.images.size() == b.images.size() &&
         a.acts.size() == b.acts.size() &&
         std::equal(a.records.begin(), a.records.end(), b.records.begin(), b.records.end(),
                    same_event);
}

/// The core, and often its twin: the same facts give the same batches. Answers what it asks as the
/// input says.
class World {
 public:
  World(std::uint64_t seed, bool twice) : core_(configuration(), kStart, Duration{0}, seed) {
    if (twice) twin_.emplace(configuration(), kStart, Duration{0}, seed);
  }

  void feed(const core::Fact& fact) {
    const core::Batch batch = core_.handle(fact, now_);
    if (twin_) require(same(batch, twin_->handle(fact, now_)), "the same facts, the same batch");
    for (const Image& image : batch.images) {
      if (!twin_) break;
      const auto back = journal::decode(journal::encode(image.body));
      require(back.has_value(), "what is to be remembered can be");
    }
    for (const core::Act& act : batch.acts) {
      if (std::holds_alternative<core::SendStop>(act)) ++stops;
      open_.push_back(act);
    }
    wake_ = batch.wake;
    counts_ = core_.counts();
  }

  /// Lets the time go on to the next wake, but for at most an hour.
  void tick() {
    now_ = std::min(std::max(now_, wake_), now_ + std::chrono::hours(1));
    feed(core::Tick{});
  }

  /// `how`: 0 answers with what there is, others with a failure of that kind.
  void answer_all(int how) {
    for (const core::Act& act : std::exchange(open_, {})) {
      std::visit([&](const auto& asked) { answer(asked, how); }, act);
    }
  }

  int stops = 0;

 private:
  template <class Asked>
  bool fails(const Asked& asked, int how) {
    if (how == 0) return false;
    core::FetchFailed failed;
    failed.request = asked.request;
    failed.account = asked.account;
    failed.sent = failed.received = now_;
    failed.failure.kind = static_cast<FailureKind>(how - 1);
    feed(failed);
    return true;
  }
  void answer(const core::FetchList& asked, int how) {
    if (fails(asked, how)) return;
    core::ListRead list;
    list.request = asked.request;
    list.account = asked.account;
    list.sent = list.received = now_;
    list.filtered = asked.filtered;
    if (asked.account == 0) list.jobs.push_back(job_);
    feed(list);
  }
  void answer(const core::FetchJob& asked, int how) {
    const bool is_there = asked.account == 0 && asked.project_id == "p" && asked.job_id == "j";
    if (fails(asked,
              how == 0 && !is_there ? 1 + int{static_cast<int>(FailureKind::not_found)} : how))
      return;
    core::JobRead read;
    read.request = asked.request;
    read.account = asked.account;
    read.sent = read.received = now_;
    read.job = job_;
    feed(read);
  }
  void answer(const core::FetchPrices& asked, int how) {
    if (fails(asked, how)) return;
    core::PricesRead prices;
    prices.request = asked.request;
    prices.account = asked.account;
    prices.per_minute.emplace_back("H100x8", Money::from_nano(866'670'000));
    feed(prices);
  }
  void answer(const core::FetchProjects& asked, int how) {
    if (fails(asked, how)) return;
    core::ProjectsRead projects;
    projects.request = asked.request;
    projects.account = asked.account;
    projects.projects.push_back({"p", "p", std::nullopt});
    feed(projects);
  }
  void answer(const core::FetchUsage& asked, int how) {
    if (fails(asked, how)) return;
    core::UsageRead usage;
    usage.request = asked.request;
    usage.account = asked.account;
    usage.from = asked.from;
    usage.until = asked.until;
    usage.days.push_back({"j", asked.until - std::chrono::days(1), 90, Money::from_dollars(60)});
    feed(usage);
  }
  void answer(const core::SendStop& asked, int how) {
    core::StopReplied replied;
    replied.request = asked.request;
    replied.sent = replied.received = now_;
    if (how > 0) {
      replied.failure.emplace();
      replied.failure->kind = static_cast<FailureKind>(how - 1);
    }
    feed(replied);
  }
  void answer(const core::KeepWarm&, int) {}
  void answer(const core::Answer&, int) {}

  core::Core core_;
  std::optional<core::Core> twin_;
  core::Core::Counts counts_;
  JobRef job_ = overdue_job();
  std::vector<core::Act> open_;
  Instant now_ = kStart, wake_ = kStart;
};

void show(const std::vector<Image>& images) {
  for (const Image& image : images) {
    std::fprintf(stderr, "%d %s %s\n", static_cast<int>(image.kind), image.key.c_str(),
                 journal::encode(image.body).c_str());
  }
}

void recall(World& world, Input& input, const std::vector<Image>& images, bool lost) {
  core::Recalled piece;
  piece.last = false;
  for (const Image& image : images) {
    piece.images.push_back(image);
    if (input.between(0, 3) != 0) continue;
    world.feed(piece);
    if (input.flag()) world.tick();
    piece.images.clear();
  }
  piece.last = true;
  piece.lost = lost;
  world.feed(piece);
}

/// The last image of each key, in the journal's order; a stop's only if asked for.
std::vector<Image> in_order(std::vector<Image> images, bool with_stops) {
  std::stable_sort(images.begin(), images.end(),
                   [](const Image& a, const Image& b) { return a.kind < b.kind; });
  std::vector<Image> kept;
  for (Image& image : images) {
    if (image.kind == Image::Kind::stop && !with_stops) continue;
    const auto known = std::find_if(kept.begin(), kept.end(), [&](const Image& other) {
      return other.kind == image.kind && other.key == image.key;
    });
    if (known == kept.end()) {
      kept.push_back(std::move(image));
    } else {
      known->body = std::move(image.body);
    }
  }
  return kept;
}

/// Without this the targets' promise would be empty.
void check_that_a_sound_journal_stops() {
  World world(1, true);
  world.feed(core::Recalled{});
  for (int step = 0; step < kSteps && world.stops == 0; ++step) {
    world.answer_all(0);
    world.tick();
  }
  require(world.stops > 0, "without a damaged journal the job is stopped");
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  trainstop::fuzz::check_that_a_sound_journal_stops();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop;
  using namespace trainstop::fuzz;
  Input input(data, size);
  const auto seed = input.between<std::uint64_t>(0, 3);
  World world(seed, seed == 0);  // twice costs twice
  const bool written = input.flag();
  const bool answered = input.flag();
  const bool lost = input.flag();
  std::vector<Image> images;
  std::string script = input.text(64);  // bytes that say how recall and answers go
  if (written) {
    images = read_images(input.rest());
  } else {
    while (!input.empty() && images.size() < 20) images.push_back(any_image(input));
  }
  // Where replies come, an open stop goes on; nothing else may be stopped on what can't be read.
  Input steps(reinterpret_cast<const std::uint8_t*>(script.data()), script.size());
  if (answered && !lost) {
    // Of an account that is another one now nothing is read, garbage neither.
    std::erase_if(images, [](const Image& image) { return image.kind == Image::Kind::account; });
    images.push_back(garbage(steps.flag()));
  }
  images = in_order(std::move(images), !answered);
  if (std::getenv("TRAINSTOP_FUZZ_SHOW") != nullptr) show(images);
  recall(world, steps, images, lost);
  for (int step = 0; step < kSteps; ++step) {
    if (answered) world.answer_all(std::max(0, steps.between(-15, 10)));
    world.tick();
  }
  require(world.stops == 0, answered ? "nothing is stopped on a journal that can't be read"
                                     : "nothing is stopped by the passing of time alone");
  return 0;
}
