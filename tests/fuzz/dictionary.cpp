// Prints the configuration's keys and choices as a dictionary of libFuzzer's, from the one table.
#include <cstdio>
#include <set>
#include <string>

#include "policy/keys.hpp"

int main() {
  using namespace trainstop::policy;
  std::set<std::string> words{"$400",      "48h",
                              "80%",       "H100x8:",
                              "$52.00/h",  "2026-12-01",
                              "all:",      "any:",
                              "not: ",     "- ",
                              "\\x0a",     "\\x0a  - {",
                              "[",         "]",
                              "}",         "Mon-Fri 09:00-18:00",
                              ":30",       "06:00",
                              "Mon 06:00", "1 06:00",
                              "{job: ",    "^(sweep-[0-9]+)-"};
  for (const KeySpec& key : all_keys()) {
    words.insert(std::string(key.name) + ": ");
    for (const std::string_view word : split_range(key.range)) words.insert(std::string(word));
    words.insert(std::string(key.fallback));
  }
  words.erase("");
  for (const std::string& word : words) std::printf("\"%s\"\n", word.c_str());
}
