// Members out of their range, and images of jobs, stops, breakers and pots that no core would have
// written so: what can't be true is taken out and told, and nothing is stopped by it.
#include <gmock/gmock.h>

#include "core/memory.hpp"
#include "unit/core/reads_as.hpp"
#include "unit/core/script.hpp"

namespace trainstop::core::memory_edges {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using testing::IsEmpty;
using testing::SizeIs;

TEST(MemberReader, TakesOnlyNumbersThatItsTypeCanHold) {
  EXPECT_TRUE(reads_as<int>(std::int64_t{-7}));
  EXPECT_FALSE(reads_as<int>(std::int64_t{1} << 31));
  EXPECT_FALSE(reads_as<std::uint32_t>(std::int64_t{-1}));
  EXPECT_FALSE(reads_as<int>("7"));
}

TEST(MemberReader, TakesOnlyNamesThatAnEnumHas) {
  EXPECT_TRUE(reads_as<Phase>(std::int64_t{0}));
  EXPECT_TRUE(reads_as<Phase>(static_cast<std::int64_t>(Phase::unknown)));
  EXPECT_FALSE(reads_as<Phase>(static_cast<std::int64_t>(Phase::unknown) + 1));
  EXPECT_FALSE(reads_as<Phase>(std::int64_t{-1}));
  EXPECT_FALSE(reads_as<Hold>(static_cast<std::int64_t>(Hold::freeze) + 1));
  EXPECT_FALSE(reads_as<Standing>(static_cast<std::int64_t>(Standing::paused) + 1));
  EXPECT_FALSE(reads_as<Override::Kind>(static_cast<std::int64_t>(Override::Kind::raise) + 1));
}

TEST(MemberReader, TakesNoTimeThatCouldNotBeReckonedWith) {
  const Duration millennium = 24h * 365 * 1000;
  const Duration too_long = millennium + Duration{1};
  EXPECT_TRUE(reads_as<Duration>(millennium));
  EXPECT_TRUE(reads_as<Duration>(-millennium));
  EXPECT_FALSE(reads_as<Duration>(too_long));
  EXPECT_FALSE(reads_as<Duration>(-too_long));
  EXPECT_TRUE(reads_as<Instant>(kNever));
  EXPECT_TRUE(reads_as<Instant>(kLongAgo));
  EXPECT_TRUE(reads_as<Instant>(kStart));
  EXPECT_FALSE(reads_as<Instant>(Instant(too_long)));
  EXPECT_FALSE(reads_as<Instant>(Instant(-too_long)));
}

TEST(MemberReader, TakesNoMoneyBelowZero) {
  EXPECT_TRUE(reads_as<Money>(Money{}));
  EXPECT_FALSE(reads_as<Money>(Money::from_dollars(-1)));
}

TEST(MemberReader, TakesNoBoundsWithoutABeginOrAnEnd) {
  EXPECT_TRUE(reads_as<Bounds>(Value::Array{kStart, kStart}));
  EXPECT_FALSE(reads_as<Bounds>(Value::Array{kLongAgo, kStart}));
  EXPECT_FALSE(reads_as<Bounds>(Value::Array{kNever, kNever}));
  EXPECT_FALSE(reads_as<Bounds>(Value::Array{kStart, kNever}));
}

using Images = std::map<std::pair<Image::Kind, std::string>, Image>;

const std::string kGrace = "rules: [{name: short, when: {running_for: 10m}, grace: 1h}]\n";
const std::string kDay = "rules: [{name: day, budget: {limit: $10, per: day}, grace: 1h}]\n";

/// What the journal holds of a job that runs at a dollar a minute, at this time.
Images of_a_job(const std::string& yaml, Duration until) {
  Script script(yaml);
  script.settle(0s);
  script.prices({{"H100x8", Money::from_dollars(1)}}, 0s);
  script.list({shared(running("j1"))}, 0s);
  script.settle(0s);
  script.settle(until);
  return script.present;
}

std::vector<Image> values_of(const Images& images) {
  std::vector<Image> values;
  for (const auto& [key, image] : images) values.push_back(image);
  return values;
}

/// A core that was fed these images and has done all that follows from them.
std::unique_ptr<Script> after(const std::vector<Image>& images, const std::string& yaml) {
  auto script = std::make_unique<Script>(yaml);
  for (const Image& image : images) script->present[{image.kind, image.key}] = image;
  script->feed(Recalled{images, true, false}, 11min);
  script->settle(11min);
  return script;
}

/// Sets the member, or adds it.
void set(Image& image, const std::string& name, Value value) {
  std::erase_if(image.body, [&](const auto& member) { return member.first == name; });
  image.body.emplace_back(name, std::move(value));
}

Value member(const Image& image, const std::string& name) {
  for (const auto& [key, value] : image.body) {
    if (key == name) return value;
  }
  return "(absent)";
}

bool is_lost(const Script& script) {
  const auto opened = script.told("breaker.opened");
  return opened.size() == 1 && *opened[0].find("reason") == Value("journal_lost");
}

/// The images of the kind that the journal holds.
std::size_t count(const Script& script, Image::Kind kind) {
  std::size_t found = 0;
  for (const auto& [key, image] : script.present) found += key.first == kind ? 1U : 0U;
  return found;
}

const std::pair kJob(Image::Kind::job, std::string("main/proj1/j1"));
const std::pair kStop(Image::Kind::stop, std::string("main/proj1/j1"));
const std::pair kPot(Image::Kind::pot, std::string("day/all"));

TEST(RecallEdges, AJobThatWasMadeOrChangedAtNoTimeIsNotTaken) {
  for (const char* name : {"created_at", "updated_at"}) {
    for (const Instant at : {kNever, kLongAgo}) {
      Images images = of_a_job(kGrace, 0s);
      set(images.at(kJob), name, at);
      const auto script = after(values_of(images), kGrace);
      EXPECT_TRUE(is_lost(*script)) << name;
      EXPECT_EQ(script->core.counts().live_jobs, 0U) << name;
      EXPECT_EQ(script->present.count(kJob), 0U) << name;
    }
  }
}

TEST(RecallEdges, OfTwoImagesOfOneJobTheFirstIsTakenAndEveryStopIsHeld) {
  const Images images = of_a_job(kGrace, 0s);
  std::vector<Image> values = values_of(images);
  const auto job = std::find_if(values.begin(), values.end(),
                                [](const Image& image) { return image.kind == Image::Kind::job; });
  Image second = *job;
  set(second, "status", "TRAINING_JOB_COMPLETED");
  values.insert(job + 1, second);
  const auto script = after(values, kGrace);
  EXPECT_TRUE(is_lost(*script));
  EXPECT_EQ(script->core.counts().live_jobs, 1U);
}

TEST(RecallEdges, AStopWithCountsThatNobodyReachesIsNotTaken) {
  const Images images = of_a_job(kGrace, 10min);
  ASSERT_EQ(images.count(kStop), 1U);
  for (const char* name : {"attempt", "failures"}) {
    for (const auto& [number, lost] :
         {std::pair(1'000'000'000, false), std::pair(1'000'000'001, true)}) {
      Images absurd = images;
      set(absurd.at(kStop), name, std::int64_t{number});
      const auto script = after(values_of(absurd), kGrace);
      EXPECT_EQ(is_lost(*script), lost) << name << ' ' << number;
    }
  }
}

policy::Rule rule_of(const std::string& rules) {
  const auto read = policy::read_config(
      {"test.yaml", "mode: enforce\n" + rules + "accounts: [{name: main, api_key: {env: KEY}}]\n"});
  return read.config->rules.at(0);
}

TEST(RecallEdges, TheBreakerOfARuleIsTakenOnlyByTheSameRule) {
  const std::string few =
      "rules: [{name: few, when: {running_for: 10m}, max_stops: {count: 1, per: 10h}}]\n";
  const std::string fewer =
      "rules: [{name: few, when: {running_for: 9m}, max_stops: {count: 1, per: 10h}}]\n";
  const std::string other =
      "rules: [{name: other, when: {running_for: 10m}, max_stops: {count: 1, per: 10h}}]\n";
  const std::string none = "rules: [{name: few, when: {running_for: 10m}}]\n";
  const Image open{Image::Kind::breaker,
                   Image::Change::put,
                   "few",
                   {{"rule_hash", rule_of(few).hash}, {"reason", "max_stops"}}};
  for (const auto& [yaml, taken] : {std::pair(few, true), std::pair(fewer, false),
                                    std::pair(other, false), std::pair(none, false)}) {
    const auto script = after({open}, yaml);
    EXPECT_THAT(script->told("breaker.opened"), SizeIs(taken ? 1 : 0)) << yaml;
    EXPECT_EQ(count(*script, Image::Kind::breaker), taken ? 1U : 0U) << yaml;
  }
}

TEST(RecallEdges, APotThatWasExhaustedIsNotToldAgain) {
  const Images images = of_a_job(kDay, 10min);
  EXPECT_THAT(after(values_of(images), kDay)->told("budget.exhausted"), IsEmpty());
  // Two images of one pot: the later one counts.
  std::vector<Image> values = values_of(images);
  Image second = images.at(kPot);
  second.key = "day/every";
  values.push_back(second);
  const auto script = after(values, kDay);
  EXPECT_FALSE(is_lost(*script));
  EXPECT_THAT(script->told("budget.exhausted"), IsEmpty());
}

TEST(RecallEdges, APotOfWhatIsNoBudgetAnyMoreIsClosed) {
  const std::string rules =
      "rules: [{name: short, when: {running_for: 10m}}, {name: day, budget: {limit: $10, per: "
      "day}}]\n";
  const auto pot = [](const std::string& rule, const std::string& hash) {
    return Image{Image::Kind::pot,
                 Image::Change::put,
                 rule + "/" + hash,
                 {{"rule", rule}, {"rule_hash", hash}, {"group", "all"}}};
  };
  for (const Image& image :
       {pot("", ""), pot("gone", "0123"), pot("day", "0123"), pot("short", rule_of(rules).hash)}) {
    const auto script = after({image}, rules);
    EXPECT_FALSE(is_lost(*script)) << image.key;
    EXPECT_EQ(count(*script, Image::Kind::pot), 0U) << image.key;
  }
}

TEST(Remember, AJobThatVanishesBeforeItWasEverWrittenIsWrittenWhole) {
  // More jobs than are looked at in two calls; the next list lacks the last one.
  constexpr int kJobs = 160;
  Script script(kGrace);
  std::vector<JobRef> jobs;
  for (int i = 0; i < kJobs; ++i) jobs.push_back(shared(running("j" + std::to_string(1000 + i))));
  script.settle(0s);
  script.list(jobs, 0s);
  const std::pair last(Image::Kind::job, std::string("main/proj1/j1159"));
  ASSERT_EQ(script.present.count(last), 0U);
  script.feed(Tick{}, 20s);
  jobs.pop_back();
  script.list(jobs, 20s);
  EXPECT_EQ(script.present.count(last), 0U) << "it is not known yet what to write";
  script.settle(20s);
  ASSERT_EQ(script.present.count(last), 1U);
  EXPECT_EQ(script.present.at(last).change, Image::Change::put);
  EXPECT_EQ(member(script.present.at(last), "status"), Value("TRAINING_JOB_RUNNING"));
  const auto again = after(values_of(script.present), kGrace);
  EXPECT_EQ(again->core.counts().live_jobs, std::size_t{kJobs});
}

}  // namespace
}  // namespace trainstop::core::memory_edges
