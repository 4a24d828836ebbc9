// What the core makes of a journal that holds what it would not write itself: of another
// configuration, of a later version, or damaged. Nothing of it is a reason to stop anything.
#include <gmock/gmock.h>

#include "policy/canonical.hpp"
#include "unit/core/script.hpp"

namespace trainstop::core {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using testing::SizeIs;

const std::string kTenMinutes = "rules: [{name: short, when: {running_for: 10m}}]\n";

using Images = std::map<std::pair<Image::Kind, std::string>, Image>;

/// What the journal holds of one job under watch, twenty seconds after its grace has begun.
Images of_a_tripped_job() {
  Script script("rules: [{name: short, when: {running_for: 10m}, grace: 1h}]\n");
  script.settle(0s);
  script.prices({{"H100x8", Money::from_dollars(1)}}, 0s);
  script.list({shared(running("j1"))}, 0s);
  script.settle(0s);
  script.settle(10min);
  return script.present;
}

Value* find(Image& image, const std::string& name) {
  for (auto& [key, value] : image.body) {
    if (key == name) return &value;
  }
  return nullptr;
}

/// A core that was fed these images and has done all that follows from them.
std::unique_ptr<Script> after(const std::vector<Image>& images,
                              const std::string& yaml = kTenMinutes) {
  auto script = std::make_unique<Script>(yaml);
  for (const Image& image : images) script->present[{image.kind, image.key}] = image;
  script->feed(Recalled{images, true, false}, 11min);
  script->settle(11min);
  return script;
}

std::vector<Image> values_of(const Images& images) {
  std::vector<Image> values;
  for (const auto& [key, image] : images) values.push_back(image);
  return values;
}

bool is_lost(const Script& script) {
  const auto opened = script.told("breaker.opened");
  return opened.size() == 1 && *opened[0].find("reason") == Value("journal_lost");
}

Image put(Image::Kind kind, const std::string& key, Value::Object body = {}) {
  return {kind, Image::Change::put, key, std::move(body)};
}

TEST(Recall, OfItsOwnImagesLosesNothing) {
  const auto script = after(values_of(of_a_tripped_job()),
                            "rules: [{name: short, when: {running_for: 10m}, grace: 1h}]\n");
  EXPECT_FALSE(is_lost(*script));
  EXPECT_EQ(script->core.counts().live_jobs, 1U);
  EXPECT_THAT(script->told("rule.tripped"), SizeIs(0)) << "it was told before";
}

TEST(Recall, LeavesAloneWhatIsOfNoAccountOfTheConfiguration) {
  const auto script = after({put(Image::Kind::job, "other/p/j", {{"created_at", "yesterday"}}),
                             put(Image::Kind::job, "main2/p/j", {{"created_at", "yesterday"}})});
  EXPECT_FALSE(is_lost(*script));
  EXPECT_EQ(script->present.count({Image::Kind::job, "other/p/j"}), 1U);
  EXPECT_EQ(script->present.count({Image::Kind::job, "main2/p/j"}), 1U);
}

TEST(Recall, OfAnInvoiceTakesWhatIsOne) {
  const Value::Array jobs{"j1"}, minutes{60}, billed{Money::from_dollars(3)}, read{kStart};
  const auto lost = [&](const std::string& key, Value::Object body) {
    return is_lost(*after({put(Image::Kind::invoice, key, std::move(body))}));
  };
  const Value::Object whole{
      {"jobs", jobs}, {"minutes", minutes}, {"billed", billed}, {"read", read}};
  EXPECT_FALSE(lost("main/2026-01-05", whole));
  EXPECT_FALSE(lost("main/2026-01-05", {{"doubted", jobs}}));
  EXPECT_TRUE(lost("main/monday", whole));
  EXPECT_TRUE(lost("main", whole));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Value::Object lacks = whole, other = whole;
    lacks.erase(lacks.begin() + static_cast<std::ptrdiff_t>(i));
    other[i].second = Value::Array{true};
    EXPECT_TRUE(lost("main/2026-01-05", lacks)) << whole[i].first;
    EXPECT_TRUE(lost("main/2026-01-05", other)) << whole[i].first;
  }
  for (const std::int64_t absurd : {std::int64_t{-1}, INT64_MAX}) {
    Value::Object body = whole;
    body[1].second = Value::Array{absurd};
    EXPECT_TRUE(lost("main/2026-01-05", body)) << absurd;
  }
}

TEST(Recall, LeavesToTheShellWhatIsTheShells) {
  const auto script = after({put(Image::Kind::run, "main"), put(Image::Kind::config, "main/x")});
  EXPECT_FALSE(is_lost(*script));
  EXPECT_EQ(script->present.count({Image::Kind::run, "main"}), 1U);
}

TEST(Recall, OfWhatCantBeReadTakesItOutAndHoldsEveryStop) {
  const Value number(std::int64_t{1});
  const std::vector<Image> broken = {
      put(Image::Kind::account, "main", {{"judged", number}}),
      put(Image::Kind::polls, "main/1", {{"first", "yesterday"}}),
      put(Image::Kind::price, "main/t/1", {{"type", number}}),
      put(Image::Kind::price, "main/t/2", {{"type", "t"}}),  // no price
      put(Image::Kind::breaker, "", {{"reason", number}}),
      put(Image::Kind::job, "main//j1"),
      put(Image::Kind::job, "main/p/"),
      put(Image::Kind::job, "main"),
      put(Image::Kind::rule, "main/p/j1/short"),  // of no rule
      put(Image::Kind::rule, "main/x", {{"rule", "longer-than-the-key"}}),
      put(Image::Kind::stop, "main/p/j1"),  // without its id
      put(Image::Kind::stop, "main/p/j1", {{"id", "st-1"}, {"attempt", "one"}})};
  for (const Image& image : broken) {
    const auto script = after({image});
    EXPECT_TRUE(is_lost(*script)) << static_cast<int>(image.kind) << ' ' << image.key;
    if (image.kind == Image::Kind::breaker || image.kind == Image::Kind::account) continue;
    EXPECT_EQ(script->present.count({image.kind, image.key}), 0U)
        << static_cast<int>(image.kind) << ' ' << image.key;
  }
}

TEST(Recall, OfSeveralBrokenImagesOpensTheBreakerOnce) {
  const auto script = after({put(Image::Kind::job, "main//j1"), put(Image::Kind::job, "main//j2")});
  EXPECT_TRUE(is_lost(*script));
  script->feed(Recalled{{put(Image::Kind::job, "main//j3")}, true, false}, 12min);
  script->settle(12min);
  EXPECT_THAT(script->told("breaker.opened"), SizeIs(1));
}

TEST(Recall, OfAJobThatIsGoneClosesWhatHangsOnIt) {
  Images images = of_a_tripped_job();
  images.erase({Image::Kind::job, "main/proj1/j1"});
  const auto script =
      after(values_of(images), "rules: [{name: short, when: {running_for: 10m}, grace: 1h}]\n");
  EXPECT_FALSE(is_lost(*script));
  EXPECT_EQ(script->present.count({Image::Kind::rule, "main/proj1/j1/short"}), 0U);
  EXPECT_EQ(script->present.count({Image::Kind::stop, "main/proj1/j1"}), 0U);
}

TEST(Recall, OfARuleThatIsAnotherNowClosesWhatItHadTold) {
  const auto script = after(values_of(of_a_tripped_job()),
                            "rules: [{name: short, when: {running_for: 9m}, grace: 1h},"
                            " {name: other, when: {running_for: 1h}}]\n");
  EXPECT_FALSE(is_lost(*script));
  EXPECT_THAT(script->told("rule.tripped"), SizeIs(1)) << "anew, by the rule as it is now";
}

TEST(Recall, OfTheFirstRunOfListsOnly) {
  const Images images = of_a_tripped_job();
  std::vector<Image> values = values_of(images);
  Image second;
  for (const Image& image : values) {
    if (image.kind == Image::Kind::polls) second = image;
  }
  second.key = "main/2";
  values.insert(values.begin(), second);
  std::stable_sort(values.begin(), values.end(),
                   [](const Image& a, const Image& b) { return a.kind < b.kind; });
  const auto script = after(values);
  EXPECT_FALSE(is_lost(*script));
  std::size_t runs = 0;
  for (const auto& [key, image] : script->present) runs += image.kind == Image::Kind::polls;
  EXPECT_EQ(runs, 1U);
}

TEST(Recall, GivesAJobWithoutASerialOrWithATakenOneItsOwn) {
  Images images = of_a_tripped_job();
  Image twin = images.at({Image::Kind::job, "main/proj1/j1"});
  twin.key = "main/proj1/j2";
  Image bare = twin;
  bare.key = "main/proj1/j3";
  std::erase_if(bare.body, [](const auto& member) { return member.first == "serial"; });
  images[{twin.kind, twin.key}] = twin;
  images[{bare.kind, bare.key}] = bare;
  const auto script = after(values_of(images));
  EXPECT_FALSE(is_lost(*script));
  EXPECT_EQ(script->core.counts().live_jobs, 3U);
}

TEST(Recall, WithoutARunOfListsKnowsWhenEachJobWasSeenItself) {
  Images images = of_a_tripped_job();
  std::erase_if(images, [](const auto& each) { return each.first.first == Image::Kind::polls; });
  const auto script = after(values_of(images));
  EXPECT_FALSE(is_lost(*script));
  EXPECT_EQ(script->core.counts().live_jobs, 1U);
}

TEST(Recall, KnowsWhatItWasUnsureOf) {
  const std::string yaml =
      "safety: {exempt: [{user: 'ana@*', reason: paper}]}\n"
      "rules: [{name: a, match: {user: 'bo@*'}, when: {age: 1h}}]\n";
  Script first(yaml);
  first.settle(0s);
  first.list({shared(running("j1"))}, 0s);
  first.settle(0s);
  EXPECT_THAT(first.told("rule.unknown"), SizeIs(2));
  const auto same = after(values_of(first.present), yaml);
  EXPECT_THAT(same->told("rule.unknown"), SizeIs(0)) << "each was told before";
  const auto other = after(values_of(first.present),
                           "rules: [{name: b, match: {user: 'bo@*'}, when: {age: 1h}}]\n");
  EXPECT_THAT(other->told("rule.unknown"), SizeIs(1)) << "of a rule that was not there";
}

TEST(Recall, OfAStopUnderAnotherNameTakesTheNameOfTheRule) {
  Images images = of_a_tripped_job();
  *find(images.at({Image::Kind::stop, "main/proj1/j1"}), "rule") = "before";
  const auto script =
      after(values_of(images), "rules: [{name: short, when: {running_for: 10m}, grace: 1h}]\n");
  EXPECT_EQ(*find(script->present.at({Image::Kind::stop, "main/proj1/j1"}), "rule"),
            Value("short"));
}

TEST(Recall, OfASecondImageOfTheSameAccountTakesTheLater) {
  const Value other_api(policy::short_hash("https://other.example"));
  const Value this_api(policy::short_hash("https://api.baseten.co"));
  Images images = of_a_tripped_job();
  images.erase({Image::Kind::account, "main"});
  std::vector<Image> values = {put(Image::Kind::account, "main", {{"url_hash", other_api}}),
                               put(Image::Kind::account, "main", {{"url_hash", this_api}})};
  for (const Image& image : values_of(images)) values.push_back(image);
  EXPECT_EQ(after(values)->core.counts().live_jobs, 1U);
}

TEST(Recall, OfAnAccountWithAWrongMemberForgetsWhatItJudged) {
  const Value hash(policy::short_hash("https://api.baseten.co"));
  const auto script = after(
      {put(Image::Kind::account, "main", {{"url_hash", hash}, {"price_told", "everything"}})});
  EXPECT_TRUE(is_lost(*script));
}

}  // namespace
}  // namespace trainstop::core
