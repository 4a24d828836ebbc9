// Puts the configuration together: the main file's sections, the rules of all files, and what only
// all of them together can break.
#include "policy/reader.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <map>

#include "policy/canonical.hpp"
#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

constexpr std::size_t kMostRules = 1000;  // every job is judged by every rule
constexpr std::size_t kMostSinks = 50;    // each is offered every event
constexpr std::size_t kMostAccounts =
    100;  // the index of an account is a small number in every job

std::vector<std::string> names_of(const SourceText& main, const std::vector<SourceText>& rules) {
  std::vector<std::string> names{main.name};
  for (const SourceText& source : rules) names.push_back(source.name);
  return names;
}

class ConfigReader {
 public:
  ConfigReader(const SourceText& main, const std::vector<SourceText>& rules)
      : problems_(names_of(main, rules)), context_{problems_, find_zone("UTC"), {}, {}, {}} {
    trees_.push_back(read_tree(main.text, 0, problems_));
    for (const SourceText& source : rules) {
      trees_.push_back(read_tree(source.text, trees_.size(), problems_));
    }
  }

  ReadResult read() {
    // A file without content says nothing; of a broken one the problem has been told.
    if (trees_[0].kind != Node::Kind::missing) {
      read_main();
    } else if (!problems_.any_error()) {
      problems_.error({}, "the file is empty; expected at least 'mode' and 'accounts'");
    }
    ReadResult result;
    config_.hash = short_hash(canonical(config_));
    result.problems = problems_.sorted();
    if (!problems_.any_error()) result.config = std::move(config_);
    return result;
  }

 private:
  void read_main() {
    const Fields fields(context_, Section::root, trees_[0]);
    if (trees_[0].kind != Node::Kind::map) return;
    if (const auto zone = fields.timezone("timezone")) {
      context_.zone = *zone;
      config_.timezone = (*zone)->name();
    }
    const auto section = [&](std::string_view key, auto& target, auto reader) {
      if (const Node* node = fields.find(key)) target = reader(context_, *node);
    };
    config_.mode = fields.choice("mode", {Mode::observe, Mode::enforce}).value_or(config_.mode);
    section("poll", config_.poll, read_poll);
    section("stop", config_.stop, read_stop);
    section("billing", config_.billing_from, read_billing);
    section("prices", config_.prices_per_minute, read_prices);
    section("log", config_.log, read_log);
    if (const auto directory = fields.text("state_dir")) config_.state_dir = *directory;
    read_accounts(fields);
    read_all_lists();
    section("journal", config_.journal, read_journal);
    section("safety", config_.safety, read_safety);
    section("control", config_.control, read_control);
    section("people", config_.people, read_people);
    section("heartbeat", config_.heartbeat, read_heartbeat);
    read_sinks(fields);
    RuleSettings defaults;
    section("defaults", defaults, read_defaults);
    read_all_rules(defaults);
    check_whole(fields);
    if (rules_ != 0 && !problems_.any_error())
      warn_of_idle_defaults(context_, defaults, config_.rules);
  }

  /// The items of a key that holds a list of maps.
  std::vector<const Node*> maps_of(const Fields& fields, std::string_view key) {
    const Node* node = fields.find(key);
    if (node == nullptr) return {};
    if (node->kind == Node::Kind::list) return items_of(context_, *node, fmt::format("'{}'", key));
    problems_.error(node->mark,
                    fmt::format("'{}' must be a list of maps, each beginning with '-', but is {}",
                                key, found_words(*node)));
    return {};
  }

  /// Remembers a name; tells when it is taken.
  void claim(std::string_view kind, const std::string& name, const Node& node) {
    if (name.empty()) return;
    const Node* at = node.find("name");
    const Mark mark = at == nullptr ? node.mark : at->mark;
    const auto [first, is_new] = names_.emplace(std::pair(kind, name), mark);
    if (is_new) return;
    const Place place = problems_.place(first->second);
    problems_.error(mark, fmt::format("a second {} with the name '{}'; the first is at {}:{}", kind,
                                      name, place.file, place.line));
  }

  void read_accounts(const Fields& fields) {
    const auto items = maps_of(fields, "accounts");
    if (items.size() > kMostAccounts) {
      problems_.error(fields.mark("accounts"), fmt::format("more than {} accounts", kMostAccounts));
      return;
    }
    for (const Node* item : items) {
      auto account = read_account(context_, *item);
      if (!account) continue;
      context_.accounts.push_back(account->name);
      claim("account", account->name, *item);
      config_.accounts.push_back(std::move(*account));
    }
  }

  void read_sinks(const Fields& fields) {
    const auto items = maps_of(fields, "notify");
    if (items.size() > kMostSinks) {
      problems_.error(fields.mark("notify"), fmt::format("more than {} sinks", kMostSinks));
      return;
    }
    for (const Node* item : items) {
      if (const Node* name = item->find("name")) context_.sinks.push_back(name->text);
      auto sink = read_sink(context_, *item);
      if (!sink) continue;
      claim("sink", sink->name, *item);
      config_.notify.push_back(std::move(*sink));
    }
  }

  /// Lists before everything that may name them, and those of all files before any rule.
  void read_all_lists() {
    for (const Node& tree : trees_) {
      const Node* lists = tree.find("lists");
      if (lists != nullptr && lists->kind != Node::Kind::missing) read_lists(context_, *lists);
    }
  }

  void read_all_rules(const RuleSettings& defaults) {
    for (std::size_t file = 0; file < trees_.size(); ++file) {
      const Node& tree = trees_[file];
      if (file == 0) {
        take_rules(tree, defaults);
      } else if (tree.kind != Node::Kind::missing) {
        const Fields fields(context_, Section::rules_file, tree);
        if (tree.kind == Node::Kind::map) take_rules(tree, defaults);
      }
    }
  }

  void take_rules(const Node& tree, const RuleSettings& defaults) {
    const Node* rules = tree.find("rules");
    if (rules == nullptr || rules->kind == Node::Kind::missing) return;
    if (rules->kind != Node::Kind::list) {
      problems_.error(
          rules->mark,
          fmt::format("'rules' must be a list of maps, each beginning with '-', but is {}",
                      found_words(*rules)));
      return;
    }
    for (const Node* item : items_of(context_, *rules, "'rules'")) {
      if (++rules_ > kMostRules) {
        problems_.error(item->mark, fmt::format("more than {} rules", kMostRules));
        return;
      }
      if (const Node* name = item->find("name")) claim("rule", name->text, *item);
      auto rule = read_rule(context_, *item, defaults);
      if (!rule) continue;
      if (const Node* when = item->find("when"))
        warn_of_many_together(context_, when->mark, *rule, config_.safety.max_stops);
      config_.rules.push_back(std::move(*rule));
    }
  }

  void check_whole(const Fields& fields) {
    if (rules_ == 0 && !problems_.any_error())
      problems_.warning(fields.mark("rules"), "there are no rules: nothing is watched");
    if (config_.safety.unreachable_after <= config_.poll.interval) {
      const Node* safety = fields.find("safety");
      problems_.error(
          safety == nullptr ? fields.map().mark : safety->mark,
          fmt::format("'unreachable_after' ({}) must be longer than 'poll.interval' ({}), or every "
                      "pause between two polls would count as unreachable",
                      format_duration(config_.safety.unreachable_after),
                      format_duration(config_.poll.interval)));
    }
    for (const auto& [name, list] : context_.lists) {
      if (!list.used) problems_.warning(list.mark, fmt::format("the list '{}' is not used", name));
    }
  }

  Problems problems_;
  Context context_;
  std::vector<Node> trees_;
  Config config_;
  std::map<std::pair<std::string_view, std::string>, Mark> names_;
  std::size_t rules_ = 0;
};

}  // namespace

std::string format(const Problem& problem) {
  const bool error = problem.severity == Problem::Severity::error;
  return fmt::format("{}:{}:{}: {}: {}", problem.place.file, problem.place.line,
                     problem.place.column, error ? "error" : "warning", problem.message);
}

ReadResult read_config(const SourceText& main, const std::vector<SourceText>& rules) {
  return ConfigReader(main, rules).read();
}

}  // namespace trainstop::policy
