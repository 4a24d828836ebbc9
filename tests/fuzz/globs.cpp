// Globs, and selectors made of them.
#include <array>

#include "fuzz/fuzz.hpp"
#include "policy/selector.hpp"

namespace trainstop::fuzz {
namespace {

using policy::glob_matches;
using policy::JobAttributes;
using policy::Selector;
using policy::SelectorMap;

bool has_any(std::string_view text, std::string_view characters) {
  return text.find_first_of(characters) != std::string_view::npos;
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

/// What `*` and `?` mean, by trying everything: for ASCII without sets.
bool naively_matches(std::string_view pattern, std::string_view text) {
  std::vector<bool> reached(text.size() + 1, false);  // by what was read of the pattern
  reached[0] = true;
  for (const char wanted : pattern) {
    std::vector<bool> next(text.size() + 1, false);
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (wanted == '*') {
        next[i] = reached[i] || (i > 0 && next[i - 1]);
      } else if (i > 0) {
        next[i] = reached[i - 1] && (wanted == '?' || wanted == text[i - 1]);
      }
    }
    reached = std::move(next);
  }
  return reached[text.size()];
}

void check_glob(const std::string& pattern, const std::string& text) {
  const bool exact = glob_matches(pattern, text, false);
  const bool folded = glob_matches(pattern, text, true);
  if (!has_any(pattern, "*?[")) require(exact == (pattern == text), "a plain text means itself");
  if (!has_any(pattern, "[") && is_ascii(pattern) && is_ascii(text)) {
    require(exact == naively_matches(pattern, text), "stars and question marks");
  }
  require(glob_matches("*" + pattern, text, false) || !exact, "a star in front fits nothing too");
  require(glob_matches(pattern + "*", text, false) || !exact || has_any(pattern, "["),
          "a star behind fits nothing too");
  const bool negated =
      pattern.find("[!") != std::string::npos || pattern.find("[^") != std::string::npos;
  require(folded || !exact || negated, "without case more fits");
  std::string upper = text;
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  require(glob_matches(pattern, upper, true) == folded, "without case there is no case");
}

/// A job of a few texts; what the selector may ask is known or not.
JobAttributes attributes(const std::vector<std::string>& texts, Input& input) {
  JobAttributes job;
  const auto any = [&] { return std::string_view(texts[input.between<std::size_t>(0, 3)]); };
  const auto maybe = [&] {
    return input.flag() ? std::optional<std::string_view>(any()) : std::nullopt;
  };
  job.account = any();
  job.project_id = any();
  job.project_name = any();
  job.job_id = any();
  job.job_name = maybe();
  job.team = maybe();
  job.user = maybe();
  job.instance_type = any();
  job.gpu_type = maybe();
  job.priority = input.between(-1, 1);
  job.gpus = input.between(0, 9);
  job.nodes = input.between(0, 2);
  job.status = any();
  job.phase = phase_of(job.status);
  return job;
}

SelectorMap map_of(const std::vector<std::string>& texts, Input& input) {
  SelectorMap map;
  const auto fill = [&](std::vector<std::string>& globs) {
    for (int left = std::max(0, input.between(-3, 2)); left > 0; --left) {
      globs.push_back(texts[input.between<std::size_t>(0, 3)]);
    }
  };
  for (auto* globs : {&map.account, &map.project, &map.job, &map.team, &map.user,
                      &map.instance_type, &map.gpu_type, &map.availability, &map.status}) {
    fill(*globs);
  }
  if (input.flag()) map.priority.push_back(input.between(-1, 1));
  if (input.flag()) map.min_gpus = input.between(0, 9);
  if (input.flag()) map.max_gpus = input.between(0, 9);
  if (input.flag()) map.min_nodes = input.between(0, 2);
  return map;
}

void check_selector(const Selector& selector, const JobAttributes& job) {
  const Truth answer = matches(selector, job);
  const auto mismatch = first_mismatch(selector, job);
  require(mismatch.has_value() == (answer != Truth::yes), "what is no match has a reason");
  if (mismatch) require(mismatch->answer == answer, "the reason's answer is the selector's");
  Truth any = Truth::no;
  for (const SelectorMap& map : selector.any_of) any = any || matches(Selector{{map}}, job);
  require(any == answer, "a list of maps is an or");
  for (const int which : {0, 1, 2, 3}) {
    JobAttributes less = job;
    if (which == 0) less.job_name.reset();
    if (which == 1) less.team.reset();
    if (which == 2) less.user.reset();
    if (which == 3) less.gpu_type.reset();
    const Truth now = matches(selector, less);
    require(now == answer || now == Truth::unknown,
            "what is not known turns no answer into its opposite");
  }
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop;
  fuzz::Input input(data, size);
  const bool with_selector = input.between(0, 3) == 0;
  const std::string line = input.text(100);
  const std::size_t tab = std::min(line.find('\t'), line.size());
  const std::string pattern = line.substr(0, tab);
  const std::string text = tab < line.size() ? line.substr(tab + 1) : input.text(100);
  fuzz::check_glob(pattern, text);
  if (!with_selector) return 0;
  const std::vector<std::string> texts{pattern, text, "running", "*"};
  const policy::JobAttributes job = fuzz::attributes(texts, input);
  policy::Selector selector;
  for (int left = input.between(0, 2); left > 0; --left) {
    selector.any_of.push_back(fuzz::map_of(texts, input));
  }
  fuzz::check_selector(selector, job);
  return 0;
}
