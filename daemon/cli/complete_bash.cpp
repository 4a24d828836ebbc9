// The completion script for bash: one function that finds out which command the line is at, and
// tables of what may follow.
#include <fmt/format.h>

#include "cli/completion.hpp"

namespace trainstop::cli {

namespace {

constexpr std::string_view kBashHead =
    R"sh(# bash completion for trainstop, made by 'trainstop completion bash'.
_trainstop() {
  local at='' i word cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local options='' follow='' value=''
  COMPREPLY=()
  # '=' is a word of its own in bash's eyes.
  if [ "$cur" = = ]; then
    cur=''
  elif [ "$prev" = = ]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    case "$at $word" in
)sh";

constexpr std::string_view kBashTail = R"sh(  esac
  if [ -z "$value" ]; then
    case $cur in
      -*) value="words $options" ;;
      *) value=$follow ;;
    esac
  fi
  case $value in
    file) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    directory) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    words\ *) mapfile -t COMPREPLY < <(compgen -W "${value#words }" -- "$cur") ;;
  esac
  case $value in
    file | directory) compopt -o filenames 2>/dev/null || : ;;
  esac
  return 0
}
complete -F _trainstop trainstop
)sh";

std::string bash_path(const CompletedCommand& command) {
  std::string path;
  for (const std::string& word : command.path) path += ' ' + word;
  return path;
}

std::string bash_value(const CompletedValue& value) {
  using Kind = CompletedValue::Kind;
  switch (value.kind) {
    case Kind::file:
      return "file";
    case Kind::directory:
      return "directory";
    case Kind::words:
      return fmt::format("words {}", fmt::join(value.words, " "));
    default:
      return "nothing";
  }
}

/// `'AT --name' | 'AT -n'`, a pattern of a case.
std::string bash_pattern(const CompletedCommand& command, const CompletedOption& option) {
  std::string pattern;
  for (const std::string& name : option.names)
    pattern += fmt::format("{}'{} {}'", pattern.empty() ? "" : " | ", bash_path(command), name);
  return pattern;
}

/// Steps down the tree, and over the values of options.
void bash_steps(const CompletedCommand& command, std::string& script) {
  for (const CompletedOption& option : command.options) {
    if (option.value.kind == CompletedValue::Kind::none) continue;
    // `--option=value` has one word more, the '='.
    script += fmt::format(
        "      {}) if [ \"${{COMP_WORDS[i + 1]}}\" = = ]; then ((i += 2)); else ((i += 1)); fi "
        ";;\n",
        bash_pattern(command, option));
  }
  for (const CompletedCommand& below : command.commands) {
    script += fmt::format("      '{}') at+=\" $word\" ;;\n", bash_path(below));
    bash_steps(below, script);
  }
}

/// What may follow where the line is at.
void bash_follow(const CompletedCommand& command, std::string& script) {
  std::string options;
  for (const CompletedOption& option : command.options)
    options += fmt::format("{}{}", options.empty() ? "" : " ", fmt::join(option.names, " "));
  std::string follow = "nothing";
  if (!command.commands.empty()) {
    follow = "words";
    for (const CompletedCommand& below : command.commands) follow += ' ' + below.path.back();
  } else if (!command.positionals.empty()) {
    follow = bash_value(command.positionals.front().value);
  }
  script +=
      fmt::format("    '{}') options='{}' follow='{}' ;;\n", bash_path(command), options, follow);
  for (const CompletedCommand& below : command.commands) bash_follow(below, script);
}

void bash_values(const CompletedCommand& command, std::string& script) {
  for (const CompletedOption& option : command.options) {
    if (option.value.kind == CompletedValue::Kind::none) continue;
    script += fmt::format("    {}) value='{}' ;;\n", bash_pattern(command, option),
                          bash_value(option.value));
  }
  for (const CompletedCommand& below : command.commands) bash_values(below, script);
}

}  // namespace

std::string complete_bash(const CompletedCommand& program) {
  std::string script(kBashHead);
  bash_steps(program, script);
  script += "    esac\n  done\n  case \"$at\" in\n";
  bash_follow(program, script);
  script += "  esac\n  case \"$at $prev\" in\n";
  bash_values(program, script);
  return script + std::string(kBashTail);
}

}  // namespace trainstop::cli
