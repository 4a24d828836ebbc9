// The completion script for fish: one line for each command and option, each with the place it
// belongs to.
#include <fmt/format.h>

#include "cli/completion.hpp"

namespace trainstop::cli {

namespace {

constexpr std::string_view kFishHead =
    R"sh(# fish completion for trainstop, made by 'trainstop completion fish'.
# Whether the words before the cursor begin with these commands; options in between don't matter.
function __trainstop_at
    set -l words (commandline -opc | string match --invert -- '-*')
    set -e words[1]
    for i in (seq (count $argv))
        test "$words[$i]" = "$argv[$i]"; or return 1
    end
end
function __trainstop_first
    set -l words (commandline -opc | string match --invert -- '-*')
    test (count $words) -le 1
end
complete -c trainstop -f
)sh";

std::string fish_text(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '\'';
}

std::string fish_place(const CompletedCommand& command) {
  if (command.path.empty()) return "__trainstop_first";
  std::string place = fmt::format("__trainstop_at {}", fmt::join(command.path, " "));
  for (const CompletedCommand& below : command.commands)
    place += fmt::format("; and not __trainstop_at {}", fmt::join(below.path, " "));
  return place;
}

/// What completes the value of an option or positional; `-x` keeps files away.
std::string fish_value(const CompletedValue& value) {
  using Kind = CompletedValue::Kind;
  switch (value.kind) {
    case Kind::none:
      return "";
    case Kind::free:
      return " -x";
    case Kind::file:
      return " -r -F";
    case Kind::directory:
      return " -x -a '(__fish_complete_directories)'";
    case Kind::words:
      return fmt::format(" -x -a {}", fish_text(fmt::format("{}", fmt::join(value.words, " "))));
  }
  return "";
}

void fish_command(const CompletedCommand& command, std::string& script) {
  const std::string head =
      fmt::format("complete -c trainstop -n {}", fish_text(fish_place(command)));
  for (const CompletedCommand& below : command.commands)
    script +=
        fmt::format("{} -a {} -d {}\n", head, below.path.back(), fish_text(below.description));
  for (const CompletedOption& option : command.options) {
    script += head;
    for (const std::string& name : option.names) {
      const bool is_long = name.starts_with("--");
      script += fmt::format(" {} {}", is_long ? "-l" : "-s", name.substr(is_long ? 2 : 1));
    }
    script += fmt::format("{} -d {}\n", fish_value(option.value), fish_text(option.description));
  }
  for (const CompletedOption& positional : command.positionals) {
    using Kind = CompletedValue::Kind;
    if (positional.value.kind == Kind::file) script += head + " -F\n";
    if (positional.value.kind == Kind::words)
      script += head + fish_value(positional.value).substr(3) + '\n';
  }
  for (const CompletedCommand& below : command.commands) fish_command(below, script);
}

}  // namespace

std::string complete_fish(const CompletedCommand& program) {
  std::string script(kFishHead);
  fish_command(program, script);
  return script;
}

}  // namespace trainstop::cli
