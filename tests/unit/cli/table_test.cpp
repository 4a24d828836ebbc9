// Text on a screen: widths, cutting, wrapping, and tables that fit.
#include "cli/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace trainstop::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

Screen screen_of(std::size_t columns) {
  Screen screen;
  screen.columns = columns;
  return screen;
}

TEST(Screen, CountsColumnsAndNotBytes) {
  EXPECT_EQ(width_of("abc"), 3U);
  EXPECT_EQ(width_of("äöü…"), 4U);
  EXPECT_EQ(width_of("訓練"), 4U);
  EXPECT_EQ(width_of("🚀"), 2U);
  EXPECT_EQ(width_of("e\xCC\x81"), 1U) << "a combining accent";
  EXPECT_EQ(width_of("\xE8\xA8"), 2U) << "a character that is cut off";
}

TEST(Screen, CutsBetweenCharacters) {
  EXPECT_EQ(cut("llama", 5), "llama");
  EXPECT_EQ(cut("llama-sft", 5), "llam…");
  EXPECT_EQ(cut("訓練訓練", 4), "訓…") << "the second one would take the fourth column and a fifth";
  EXPECT_EQ(cut("äöü", 2), "ä…");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Screen, WrapsBetweenWords) {
  EXPECT_EQ(wrap("one two three", 8, 2), "one two\n  three");
  EXPECT_EQ(wrap("one two", 80, 2), "one two");
  EXPECT_EQ(wrap("unbreakable", 4, 0), "unbreakable");
}

TEST(Screen, IsColouredOnlyWhereThereIsColour) {
  Screen screen;
  EXPECT_EQ(screen.in(Ink::red, "text"), "text");
  screen.colour = true;
  EXPECT_EQ(screen.in(Ink::red, "text"), "\x1b[31mtext\x1b[0m");
  EXPECT_EQ(screen.in(Ink::none, "text"), "text");
}

TEST(Bar, IsFullWhenTheWholeIsReachedAndNeverBefore) {
  EXPECT_EQ(bar(0.999, 10), "#########.");
  EXPECT_EQ(bar(1, 10), "##########");
  EXPECT_EQ(bar(7, 10), "##########");
  EXPECT_EQ(bar(-1, 4), "....");
}

Table sample_table() {
  Table table({{"JOB", false, 6}, {"USER", false, 0, 2}, {"COST", true}, {"NONE"}});
  table.add({"a-very-long-name-of-a-job", "ana", "$1.00", ""});
  table.add({"b", "bo", "$200.00", ""});
  return table;
}

TEST(Table, AlignsAndLeavesOutAColumnWithoutText) {
  EXPECT_THAT(lines_of(sample_table().render(screen_of(Screen::kNoLimit))),
              ElementsAre("JOB                        USER     COST",
                          "a-very-long-name-of-a-job  ana     $1.00",
                          "b                          bo    $200.00"));
}

TEST(Table, CutsNamesToFitAndNeverNumbers) {
  EXPECT_THAT(lines_of(sample_table().render(screen_of(30))),
              ElementsAre("JOB              USER     COST", "a-very-long-na…  ana     $1.00",
                          "b                bo    $200.00"));
}

TEST(Table, LeavesOutWhatIsLeastNeededWhenCuttingIsNotEnough) {
  EXPECT_THAT(lines_of(sample_table().render(screen_of(15))),
              ElementsAre("JOB        COST", "a-ver…    $1.00", "b       $200.00"));
}

TEST(Table, FitsEveryWidthThatItCan) {
  for (std::size_t columns = 15; columns < 60; ++columns) {
    for (const std::string& line : lines_of(sample_table().render(screen_of(columns))))
      EXPECT_LE(width_of(line), columns) << line;
  }
}

TEST(Table, IsAsWideInColour) {
  Table table({{"A"}, {"B"}});
  table.add({{"red", Ink::red}, "x"});
  Screen screen;
  screen.colour = true;
  EXPECT_THAT(table.render(screen), HasSubstr("\x1b[31mred\x1b[0m  x\n"));
  EXPECT_THAT(table.render(Screen()), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace trainstop::cli
