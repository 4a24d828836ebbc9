// Selectors whose globs can fit nothing: accounts that are not there, ranges that run backwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

/// The problems of a rule for jobs of these accounts; the only one there is has the name `a`.
std::vector<std::string> of_accounts(const std::string& accounts, const std::string& rest = "") {
  return problems_of(read_config({"F", kHead + "rules: [{name: r, match: {account: " + accounts +
                                           "}, when: {age: 1d}}]\n" + rest}));
}

TEST(ReadSelector, AnAccountThatIsNotThereIsAMistake) {
  EXPECT_THAT(of_accounts("nope"),
              ElementsAre("F:5:36: error: there is no account 'nope' under 'accounts'"));
  EXPECT_THAT(of_accounts("[a, nope]"), ElementsAre(HasSubstr("F:5:40: error: there is no")));
  EXPECT_THAT(of_accounts("A"), ElementsAre(EndsWith("'accounts'; did you mean 'a'?")))
      << "names of accounts are compared with case";
  EXPECT_THAT(of_accounts("{list: l}", "lists: {l: [a, nope]}\n"),
              ElementsAre(HasSubstr("F:5:36: error: there is no account 'nope'")));
}

TEST(ReadSelector, APatternThatFitsNoAccountIsDoubtful) {
  EXPECT_THAT(of_accounts("\"b*\""),
              ElementsAre("F:5:36: warning: no account is known that 'b*' fits"));
  for (const char* accounts : {"a", "\"?\"", "\"*\"", "\"[a-c]\"", "[a, a]"})
    EXPECT_THAT(of_accounts(accounts), IsEmpty()) << accounts;
}

TEST(ReadSelector, OfEveryPlaceIsHeldAgainstTheAccounts) {
  const auto mistake = ElementsAre(HasSubstr("there is no account 'nope'"));
  for (const char* rest : {"safety: {exempt: [{account: nope}]}\n",
                           "safety: {freeze: [{during: Sat, match: {account: nope}}]}\n",
                           "notify: [{name: n, exec: /bin/n, match: {account: nope}}]\n",
                           "defaults: {exclude: [{job: x}, {account: nope}]}\n"}) {
    EXPECT_THAT(problems_with(rest), mistake) << rest;
  }
}

TEST(ReadSelector, IsHeldAgainstNoAccountsThatCouldNotBeRead) {
  const std::string rule = "rules: [{name: r, match: {account: nope}, when: {age: 1d}}]\n";
  EXPECT_THAT(problems_of(read_config({"F", "mode: enforce\n" + rule})),
              ElementsAre(HasSubstr("lacks the key 'accounts'")));
  EXPECT_THAT(problems_of(read_config(
                  {"F", "mode: enforce\naccounts: [{name: a b, api_key: {env: K}}]\n" + rule})),
              ElementsAre(HasSubstr("the name must be of letters")));
}

TEST(ReadSelector, ARangeThatRunsBackwardsIsAMistake) {
  EXPECT_THAT(
      problems_of(read_config(
          {"F", kHead + "rules: [{name: r, match: {job: \"x-[z-a]\"}, when: {age: 1d}}]\n"})),
      ElementsAre("F:5:32: error: the range 'z-a' of the glob 'x-[z-a]' runs backwards: no "
                  "character is in it"));
  EXPECT_THAT(problems_with("safety: {exempt: [{job: [\"[!9-0]\", \"[0-9]\"]}]}\n"),
              ElementsAre(HasSubstr("the range '9-0' of the glob '[!9-0]' runs backwards")));
}

}  // namespace
}  // namespace trainstop::policy
