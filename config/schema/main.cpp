// Prints the JSON Schema of the configuration, or with `rules` that of a file of rules.d. The
// target `schema` renews the two files in config/ by it.
#include <cstdio>
#include <string>
#include <string_view>

#include "policy/json_schema.hpp"

int main(int argc, char** argv) {
  using trainstop::policy::Section;
  const bool rules = argc == 2 && std::string_view(argv[1]) == "rules";
  if (argc > 1 && !rules) {
    std::fputs("usage: trainstop-schema [rules]\n", stderr);
    return 2;
  }
  const std::string schema =
      trainstop::policy::json_schema(rules ? Section::rules_file : Section::root);
  return std::fputs(schema.c_str(), stdout) < 0 || std::fflush(stdout) != 0 ? 1 : 0;
}
