// Which globs on events a configuration may hold, and that what is documented of them is true.
#include "policy/event_names.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "policy/selector.hpp"

namespace trainstop::policy {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_GT(text.str().size(), 0U) << path;
  return text.str();
}

TEST(EventNames, OfAKnownAreaMayBeMatched) {
  for (const char* glob : {"stop.*", "stop.sent", "*", "s*", "*p.sent", "stop*", "stop.?", "?top.*",
                           "[st]top.sent", "*.sent", "st*nt", "stop[.]sent", "stop?sent"}) {
    EXPECT_TRUE(may_match_event(glob)) << glob;
  }
}

TEST(EventNames, OfNoAreaMayNot) {
  for (const char* glob : {"stopp.*", "top.*", "stop", "stop.", "", "?", "sto?", "Stop.*", "x*",
                           "*x.sent", ".sent", "[a]top.sent", "stopsent"}) {
    EXPECT_FALSE(may_match_event(glob)) << glob;
  }
}

TEST(EventNames, HaveTheAreasOfTheReadme) {
  const std::string text = read(TRAINSTOP_README);
  static const std::regex kRow("\\n\\| `([a-z]+)\\.[a-z_]+`");
  const auto areas = event_areas();
  int rows = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), kRow), end; it != end; ++it, ++rows) {
    const std::string area = (*it)[1];
    EXPECT_NE(std::find(areas.begin(), areas.end(), area), areas.end()) << area;
  }
  EXPECT_GE(rows, 20);
}

TEST(EventNames, OfASinkThatNamesNoneAreTold) {
  const auto told = [](std::string_view event) {
    const auto globs = default_events();
    return std::any_of(globs.begin(), globs.end(),
                       [&](std::string_view glob) { return glob_matches(glob, event, false); });
  };
  for (const char* event :
       {"rule.warned", "rule.tripped", "stop.confirmed", "stop.unconfirmed", "stop.refused",
        "stop.held", "budget.exhausted", "breaker.opened", "api.auth_failed", "journal.lost",
        "config.rejected", "job.lost", "operator.paused"}) {
    EXPECT_TRUE(told(event)) << event;
  }
  // What is told of every poll, of every job, or as a step on the way to something that is told.
  for (const char* event : {"api.polled", "job.seen", "stop.sent", "stop.intended",
                            "daemon.summary", "notify.failed"}) {
    EXPECT_FALSE(told(event)) << event;
  }
}

TEST(EventNames, ByDefaultAreThoseOfManualAndExample) {
  const std::filesystem::path directory(TRAINSTOP_CONFIG_DIR);
  const std::string manual = read(directory / "trainstop.yaml.5");
  const std::string example = read(directory / "trainstop.yaml");
  std::string listed;
  for (const std::string_view glob : default_events()) {
    EXPECT_TRUE(may_match_event(glob)) << glob;
    EXPECT_NE(manual.find("\n.Ql " + std::string(glob)), std::string::npos) << glob;
    listed += (listed.empty() ? "" : ", ") + std::string(glob);
  }
  EXPECT_NE(std::regex_replace(example, std::regex("\n# +"), " ").find('[' + listed + ']'),
            std::string::npos);
  static const std::regex kListed("\n\\.Ql [a-z]+\\.[a-z_*]+");
  const std::size_t from = manual.find(".It Ic events");
  const std::string part = manual.substr(from, manual.find(".It Ic match", from) - from);
  const auto count = std::distance(std::sregex_iterator(part.begin(), part.end(), kListed), {});
  EXPECT_EQ(static_cast<std::size_t>(count), default_events().size());
}

}  // namespace
}  // namespace trainstop::policy
