// What the journal costs: the way through the gate, the size of a month, and the start after it.
// Against the limits that the project has set itself; 10,000 jobs in 30 days, 1,000 of them alive
// at a time, ten rules, two price changes a day.
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "journal/reader.hpp"
#include "journal/writer.hpp"
#include "simulation/world.hpp"
#include "support/temp_dir.hpp"

namespace trainstop::bench {
namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kJobs = 10'000;
constexpr int kDays = 30;
constexpr Duration kLife = std::chrono::hours(72);  // so that 1,000 are alive at a time
constexpr int kSamples = 2'000;
constexpr std::size_t kBatchesPerWrite = 64;  // only this file is written faster than it happened

constexpr const char* kRules = R"(poll: {interval: 5m}
safety: {max_stops: {count: 10000, per: 1h}}
rules:
  - {name: three-days, when: {running_for: 71h}, warn_before: [4h, 30m], grace: 10m}
  - {name: cap, when: {cost: $3600}, warn_at: [50%, 80%]}
  - {name: cap-observed, mode: observe, when: {cost: $2000}}
  - {name: stuck, when: {deploying_for: 45m}}
  - {name: queued, when: {queued_for: 1d}}
  - {name: old, when: {age: 5d}, warn_before: [2h]}
  - {name: weekend, match: {project: other}, when: {running_for: 2h, schedule: {during: "Sat 00:00 - Mon 00:00"}}}
  - {name: warn-only, action: warn, when: {running_for: 24h}}
  - {name: team, match: {team: research, min_gpus: 16}, when: {running_for: 48h}}
  - {name: late, when: {deadline: 2027-01-01, running_for: 1h}}
)";

double at_share(std::vector<double>& sorted, double share) {
  std::sort(sorted.begin(), sorted.end());
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

/// What a batch that intends a stop bears: two events, the images of a job and of its stop.
journal::Batch intent(std::uint64_t first_seq) {
  journal::Batch batch;
  batch.first_seq = first_seq;
  for (const char* name : {"rule.tripped", "stop.intended"}) {
    Event event;
    event.name = name;
    event.message = "job llama-sft is to be stopped by rule two-days";
    for (const char* field :
         {"account", "project", "project_id", "job", "job_name", "user", "phase", "status", "url",
          "rule", "rule_hash", "mode", "action", "stop"})
      event.with(field, "a value of common length");
    batch.events.push_back(std::move(event));
  }
  for (const auto kind : {Image::Kind::job, Image::Kind::stop}) {
    Value::Object body;
    for (int i = 0; i < 20; ++i) body.emplace_back("member" + std::to_string(i), Instant{});
    batch.images.push_back({kind, Image::Change::put, "account/project/job", std::move(body)});
  }
  batch.utc = Instant{} + std::chrono::seconds(first_seq);
  return batch;
}

/// From handing a batch over to hearing, on the thread that did, that it is durable.
void measure_gate() {
  const test::TempDir directory(test::TempDir::on_disk());
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::function<void()>> posted;
  std::uint64_t durable = 0;
  journal::Writer::Hooks hooks;
  hooks.post = [&](std::function<void()> what) {
    {
      const std::lock_guard lock(mutex);
      posted.push_back(std::move(what));
    }
    changed.notify_all();
  };
  hooks.written = [&](std::uint64_t batches, std::uint64_t) { durable = batches; };
  hooks.failed = [](const journal::Error& error) { throw std::runtime_error(error.message); };
  auto store = journal::open_store(directory.path());
  journal::Writer writer(
      std::move(store).value(), [&] { return journal::open_store(directory.path()); }, {}, hooks);
  std::vector<double> took;
  for (std::uint64_t i = 1; i <= kSamples; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    writer.append(intent(2 * i - 1));
    while (durable < i) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return !posted.empty(); });
      const auto calls = std::exchange(posted, {});
      lock.unlock();
      for (const auto& call : calls) call();
    }
    took.push_back(Milliseconds(std::chrono::steady_clock::now() - begin).count());
  }
  writer.close(10s);
  fmt::print(
      "The way through the gate, {} intents (limit: p99 5 ms)\n"
      "  p50 {:.2f} ms   p90 {:.2f} ms   p99 {:.2f} ms   worst {:.2f} ms\n\n",
      kSamples, at_share(took, 0.5), at_share(took, 0.9), at_share(took, 0.99), took.back());
}

std::uintmax_t bytes_of(const std::filesystem::path& directory) {
  std::uintmax_t sum = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory)) sum += file.file_size();
  return sum;
}

/// Writes what the core of a simulated world records.
class Recorder {
 public:
  explicit Recorder(const std::filesystem::path& directory)
      : store_(std::move(journal::open_store(directory)).value()) {}
  void take(const core::Batch& batch, Instant now) {
    if (batch.records.empty() && batch.images.empty()) return;
    journal::Batch kept;
    kept.first_seq = next_;
    for (const Event& event : batch.records) {
      if (event.level != Level::debug) kept.events.push_back(event);
    }
    next_ += kept.events.size();
    kept.images = batch.images;
    kept.utc = now;
    waiting_.push_back(std::move(kept));
    if (waiting_.size() >= kBatchesPerWrite) write();
  }
  void write() {
    const auto result = store_->write(waiting_);
    if (result.has_error()) throw std::runtime_error(result.error().message);
    waiting_.clear();
  }

 private:
  std::unique_ptr<journal::Store> store_;
  std::vector<journal::Batch> waiting_;
  std::uint64_t next_ = 1;
};

/// Queued, deploying, running, and an end: a fifth of them would run too long.
void plan_job(test::World& world, int index, std::mt19937& random) {
  const auto minutes = [&](int low, int high) {
    return std::chrono::minutes(std::uniform_int_distribution<int>(low, high)(random));
  };
  const std::string id = "j" + std::to_string(index);
  const Duration begin = kDays * std::chrono::hours(24) * static_cast<long>(index) / kJobs;
  world.at(begin, [&world, id, begin] { world.add(id, begin, "PENDING"); });
  const Duration deploy = begin + minutes(1, 30);
  const Duration run = deploy + minutes(2, 30);
  const Duration end = index % 5 == 0 ? run + kLife + 10h : run + kLife - minutes(120, 600);
  const auto step = [&world, id](const char* status) {
    if (phase_of(world.job(id).now.status) != Phase::ended) world.set_status(id, status);
  };
  world.at(deploy, [step] { step("DEPLOYING"); });
  world.at(run, [step] { step("RUNNING"); });
  world.at(end, [step] { step("COMPLETED"); });
}

void measure_month() {
  const test::TempDir directory(test::TempDir::on_disk());
  std::mt19937 random(1);
  {
    Recorder recorder(directory.path());
    test::World world(kRules);
    world.on_batch = [&](const core::Batch& batch) { recorder.take(batch, world.now()); };
    for (int i = 0; i < kJobs; ++i) plan_job(world, i, random);
    for (int day = 0; day < kDays; ++day) {
      world.at(std::chrono::hours(24 * day + 9), [&world] { world.prices["H100x8"] = "0.86667"; });
      world.at(std::chrono::hours(24 * day + 21), [&world] { world.prices["H100x8"] = "0.90000"; });
    }
    world.run_until(kDays * std::chrono::hours(24));
    recorder.write();
    fmt::print("A month: {} events, {} images\n", world.events.size(), world.images_written());
  }
  fmt::print("  {:.1f} MiB (limit 200 MiB)\n",
             static_cast<double>(bytes_of(directory.path())) / (1024.0 * 1024.0));
  const auto begin = std::chrono::steady_clock::now();
  auto store = std::move(journal::open_store(directory.path())).value();
  auto present = std::move(store->load()).value();
  const Milliseconds loaded = std::chrono::steady_clock::now() - begin;
  test::World world(kRules);
  test::World::Present map;
  for (Image& image : present.images) map[{image.kind, image.key}] = std::move(image);
  const Duration end = kDays * std::chrono::hours(24);
  world.run_until(end);
  world.set_present(std::move(map));
  world.restart(0s);
  const auto recall = std::chrono::steady_clock::now();
  world.run_until(end + 1ms);
  const Milliseconds recalled = std::chrono::steady_clock::now() - recall;
  fmt::print("  start: {:.0f} ms to read it, {:.0f} ms to know {} jobs again (limit 2 s)\n\n",
             loaded.count(), recalled.count(), world.core().counts().live_jobs);
}

}  // namespace
}  // namespace trainstop::bench

int main() {
  trainstop::bench::measure_gate();
  trainstop::bench::measure_month();
}
