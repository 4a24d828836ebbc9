// Whether a selector fits a job. What the job does not tell is unknown, never a match and never a
// miss.
#include "policy/selector.hpp"

#include <algorithm>
#include <array>

#include "model/planted.hpp"

namespace trainstop::policy {

namespace {

constexpr std::string_view kStatusPrefix = "TRAINING_JOB_";

char32_t fold(char32_t c) {
  return c >= U'A' && c <= U'Z' ? c - U'A' + U'a' : c;
}

/// The next character of UTF-8 text. A byte that begins none stands for itself and equals no
/// character; so do the bytes of an overlong form, which would be a second way to write one. `text`
/// is not empty.
char32_t take(std::string_view& text) {
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};  // by length
  constexpr char32_t kLargest = 0x10FFFF;
  constexpr char32_t kNoCharacter = 0x80000000;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80    ? 1
                             : lead >= 0xF0 ? 4
                             : lead >= 0xE0 ? 3
                             : lead >= 0xC0 ? 2
                                            : 0;
  char32_t c = length == 1 ? lead : lead & (0x7FU >> length);
  bool whole = length > 0 && lead < 0xF8 && length <= text.size();
  for (std::size_t i = 1; whole && i < length; ++i) {
    whole = (byte(i) & 0xC0U) == 0x80U;
    c = (c << 6U) | (byte(i) & 0x3FU);
  }
  whole = whole && c >= kSmallest[length] && c <= kLargest;
  text.remove_prefix(whole ? length : 1);
  return whole ? c : kNoCharacter | lead;
}

/// Reads a set `[a-z0-9]` or `[!a-z]` behind its `[` and says whether `c` is in it. Empty, with
/// `pattern` untouched, when the set is never closed: the `[` then stands for itself.
std::optional<bool> in_set(std::string_view& pattern, char32_t c, bool fold_case) {
  std::string_view rest = pattern;
  const bool negated = rest.starts_with('!') || rest.starts_with('^');
  if (negated) rest.remove_prefix(1);
  bool found = false;
  for (bool first = true; !rest.empty(); first = false) {
    if (rest.front() == ']' && !first) {
      pattern = rest.substr(1);
      return found != negated;
    }
    const char32_t low = take(rest);
    char32_t high = low;
    if (rest.size() > 1 && rest[0] == '-' && rest[1] != ']') {
      rest.remove_prefix(1);
      high = take(rest);
    }
    found = found || (c >= low && c <= high);
    if (fold_case) {
      // Ranges may mix cases; try both cases of the character instead of folding the bounds.
      const char32_t small = fold(c);
      const char32_t big = small >= U'a' && small <= U'z' ? small - U'a' + U'A' : small;
      found = found || (small >= low && small <= high) || (big >= low && big <= high);
    }
  }
  return {};
}

/// Matches one character of the pattern that is no `*` against one of the text; moves both on.
bool step(std::string_view& pattern, std::string_view& text, bool fold_case) {
  const char32_t wanted = take(pattern);
  const char32_t c = take(text);
  if (wanted == U'?') return true;
  if (wanted == U'[') {
    if (const auto inside = in_set(pattern, c, fold_case)) return *inside;
  }
  return wanted == c || (fold_case && fold(wanted) == fold(c));
}

bool fits(const std::vector<std::string>& globs, std::string_view text, bool fold_case) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_matches(glob, text, fold_case); });
}

Truth fits_optional(const std::vector<std::string>& globs, std::optional<std::string_view> text,
                    bool fold_case) {
  if (!text) return planted("absent-is-no") ? Truth::no : Truth::unknown;
  return truth(fits(globs, *text, fold_case));
}

Truth fits_status(const std::vector<std::string>& globs, const JobAttributes& job) {
  std::string_view bare = job.status;
  if (bare.starts_with(kStatusPrefix)) bare.remove_prefix(kStatusPrefix.size());
  return truth(fits(globs, to_string(job.phase), true) || fits(globs, job.status, true) ||
               fits(globs, bare, true));
}

/// One key of a map: its name, whether the map has it, and its answer for a job.
struct Key {
  std::string_view name;
  bool (*present)(const SelectorMap&);
  Truth (*answer)(const SelectorMap&, const JobAttributes&);
};

using Map = SelectorMap;
using Job = JobAttributes;

constexpr std::array kKeys{
    Key{"account", [](const Map& m) { return !m.account.empty(); },
        [](const Map& m, const Job& j) { return truth(fits(m.account, j.account, false)); }},
    Key{"project", [](const Map& m) { return !m.project.empty(); },
        [](const Map& m, const Job& j) {
          return truth(fits(m.project, j.project_name, false) ||
                       fits(m.project, j.project_id, false));
        }},
    Key{"job", [](const Map& m) { return !m.job.empty(); },
        [](const Map& m, const Job& j) {
          return truth(fits(m.job, j.job_id, false)) || fits_optional(m.job, j.job_name, false);
        }},
    Key{"team", [](const Map& m) { return !m.team.empty(); },
        [](const Map& m, const Job& j) { return fits_optional(m.team, j.team, true); }},
    Key{"user", [](const Map& m) { return !m.user.empty(); },
        [](const Map& m, const Job& j) { return fits_optional(m.user, j.user, true); }},
    Key{"instance_type", [](const Map& m) { return !m.instance_type.empty(); },
        [](const Map& m, const Job& j) {
          return truth(fits(m.instance_type, j.instance_type, true));
        }},
    Key{"gpu_type", [](const Map& m) { return !m.gpu_type.empty(); },
        [](const Map& m, const Job& j) { return fits_optional(m.gpu_type, j.gpu_type, true); }},
    Key{"availability", [](const Map& m) { return !m.availability.empty(); },
        [](const Map& m, const Job& j) {
          return truth(fits(m.availability, j.availability, true));
        }},
    Key{"priority", [](const Map& m) { return !m.priority.empty(); },
        [](const Map& m, const Job& j) {
          return truth(std::find(m.priority.begin(), m.priority.end(), j.priority) !=
                       m.priority.end());
        }},
    Key{"status", [](const Map& m) { return !m.status.empty(); },
        [](const Map& m, const Job& j) { return fits_status(m.status, j); }},
    Key{"min_gpus", [](const Map& m) { return m.min_gpus.has_value(); },
        [](const Map& m, const Job& j) {
          return truth(j.gpus / (planted("gpus-of-one-node") ? j.nodes : 1) >= *m.min_gpus);
        }},
    Key{"max_gpus", [](const Map& m) { return m.max_gpus.has_value(); },
        [](const Map& m, const Job& j) { return truth(j.gpus <= *m.max_gpus); }},
    Key{"min_nodes", [](const Map& m) { return m.min_nodes.has_value(); },
        [](const Map& m, const Job& j) { return truth(j.nodes >= *m.min_nodes); }},
};

/// A map's answer: of every key that is present, the least.
Truth answer(const SelectorMap& map, const JobAttributes& job) {
  Truth all = Truth::yes;
  for (const Key& key : kKeys) {
    if (all == Truth::no) break;
    if (key.present(map)) all = all && key.answer(map, job);
  }
  return all;
}

}  // namespace

JobAttributes attributes_of(const JobSnapshot& job) {
  JobAttributes of;
  of.project_id = job.project_id;
  of.project_name = job.project_name;
  of.job_id = job.id;
  of.job_name = job.name;
  of.user = job.user;
  of.instance_type = job.instance_type;
  of.gpu_type = job.gpu_type;
  if (job.availability) of.availability = *job.availability;
  of.priority = job.priority.value_or(0);
  of.status = job.status;
  of.nodes = job.node_count.value_or(1);
  of.gpus = of.nodes * job.gpu_count;
  return of;
}

bool glob_matches(std::string_view pattern, std::string_view text, bool fold_case) {
  // Where to go on when the text behind the last `*` does not fit: one character later. Earlier
  // stars never need another try.
  std::optional<std::string_view> after_star;
  std::string_view retry;
  while (!text.empty()) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      after_star = pattern;
      retry = text;
      continue;
    }
    if (!pattern.empty() && step(pattern, text, fold_case)) continue;
    if (!after_star) return false;
    take(retry);
    pattern = *after_star;
    text = retry;
  }
  while (pattern.starts_with('*')) pattern.remove_prefix(1);
  return pattern.empty();
}

std::string_view reversed_range(std::string_view glob) {
  while (!glob.empty()) {
    if (take(glob) != U'[') continue;
    if (glob.starts_with('!') || glob.starts_with('^')) glob.remove_prefix(1);
    // The ']' that ends the set is one more plain character for the loop outside.
    for (bool first = true; !glob.empty() && (first || glob.front() != ']'); first = false) {
      const std::string_view range = glob;
      const char32_t low = take(glob);
      if (glob.size() < 2 || glob[0] != '-' || glob[1] == ']') continue;
      glob.remove_prefix(1);
      if (take(glob) < low) return range.substr(0, range.size() - glob.size());
    }
  }
  return {};
}

Truth matches(const Selector& selector, const JobAttributes& job) {
  Truth any = Truth::no;
  for (const SelectorMap& map : selector.any_of) {
    if (any == Truth::yes) break;
    any = planted("only-the-last-map") ? answer(map, job) : any || answer(map, job);
  }
  return any;
}

std::optional<Mismatch> first_mismatch(const Selector& selector, const JobAttributes& job) {
  const Truth whole = matches(selector, job);
  if (whole == Truth::yes) return {};
  for (const SelectorMap& map : selector.any_of) {
    if (answer(map, job) != whole) continue;
    for (const Key& key : kKeys) {
      if (key.present(map) && key.answer(map, job) == whole) return Mismatch{key.name, whole};
    }
  }
  return Mismatch{"", whole};
}

}  // namespace trainstop::policy
