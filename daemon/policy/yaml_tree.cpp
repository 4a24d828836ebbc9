#include "policy/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace trainstop::policy {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kQuoteAlias =
    "'*' begins a YAML alias here, and aliases are not supported; if a glob is meant, quote it: "
    "\"*-name\"";
// Every unquoted glob costs one more pass over the file; a person mends a few at a time.
constexpr int kMostAliases = 50;
constexpr std::size_t kQuickText = 256U << 10U;  // parsed in a third of a second
constexpr std::size_t kMostProblems = 500;       // nobody reads more; keeps a hostile file cheap

/// Builds the tree from the parser's events.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::size_t file, Problems& problems) : file_(file), problems_(problems) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      problems_.error(at(mark), "a second document begins here; a file holds one document");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(node(Node::Kind::missing, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    problems_.last_error(at(mark), std::string(kQuoteAlias));
    Node missing = node(Node::Kind::missing, mark);
    missing.told = true;
    add(std::move(missing));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    Node scalar = node(Node::Kind::scalar, mark);
    scalar.text = value;
    scalar.quoted = tag == "!";
    add(std::move(scalar));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  Mark at(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

 private:
  /// A list or map that is still open; for a map the key that waits for its value.
  struct Open {
    Node node;
    std::optional<Node> key;
  };

  Node node(Node::Kind kind, const YAML::Mark& mark) const {
    Node made;
    made.kind = kind;
    made.mark = at(mark);
    return made;
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) {
      problems_.error(at(mark), "YAML anchors (&name) are not supported; write the value itself");
    }
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      problems_.error(at(mark), "YAML tags (such as !!str) are not supported");
    }
  }
  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (open_.size() == kDeepest && !full_) {
      full_ = true;
      problems_.error(at(mark), fmt::format("nested deeper than {} levels", kDeepest));
    }
    open_.push_back({node(kind, mark), {}});
  }
  void close() {
    Node done = std::move(open_.back().node);
    open_.pop_back();
    if (done.kind == Node::Kind::map) refuse_duplicates(done);
    add(std::move(done));
  }
  void refuse_duplicates(Node& map) {
    std::vector<const Node*> keys;
    for (const Entry& entry : map.entries) keys.push_back(&entry.key);
    std::stable_sort(keys.begin(), keys.end(),
                     [](const Node* a, const Node* b) { return a->text < b->text; });
    for (std::size_t i = 1; i < keys.size(); ++i) {
      if (keys[i]->text != keys[i - 1]->text) continue;
      problems_.error(keys[i]->mark, fmt::format("duplicate key '{}'; it is already on line {}",
                                                 keys[i]->text, keys[i - 1]->mark.line));
    }
  }
  void add(Node made) {
    if (documents_ > 1 || full_) return;
    if (++nodes_ > kMostNodes) {
      full_ = true;
      problems_.error(made.mark, fmt::format("more than {} values in one file", kMostNodes));
      return;
    }
    if (open_.empty()) {
      root_ = std::move(made);
    } else if (open_.back().node.kind == Node::Kind::list) {
      open_.back().node.items.push_back(std::move(made));
    } else if (!open_.back().key) {
      open_.back().key = std::move(made);
    } else {
      Node key = std::move(*open_.back().key);
      open_.back().key.reset();
      add_entry(std::move(key), std::move(made));
    }
  }
  void add_entry(Node key, Node value) {
    if (key.kind != Node::Kind::scalar) {
      problems_.error(key.mark, "a key must be a word; a glob or a value in braces needs quotes");
    } else if (key.text == "<<" && !key.quoted) {
      problems_.error(key.mark,
                      "merge keys (<<) are not supported; put what rules share into 'defaults'");
    } else {
      open_.back().node.entries.push_back({std::move(key), std::move(value)});
    }
  }

  std::size_t file_;
  Problems& problems_;
  Node root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
  bool full_ = false;  ///< a bound was passed: nothing is added any more
};

bool is_utf8(std::string_view text, std::size_t& bad) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    bad = i;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U) return false;
    }
    if (length == 1 && lead < 0x20 && lead != '\t' && lead != '\n' && lead != '\r') return false;
    i += length;
  }
  return true;
}

Mark mark_of(std::string_view text, std::size_t position, std::size_t file) {
  Mark mark{file, 1, 1};
  for (const char c : text.substr(0, position)) {
    if (c == '\n') {
      ++mark.line;
      mark.column = 1;
    } else {
      ++mark.column;
    }
  }
  return mark;
}

/// The usual reason for a line that the parser does not understand and a person does.
std::string_view tab_hint(std::string_view text, int line) {
  for (; line > 0; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
  return indent.find('\t') == std::string_view::npos ? "" : "; a tab can't indent, use spaces";
}

/// Whether the parser failed over a `*` it took for an alias; then that `*` is made harmless in
/// `text`, so that a further pass finds the other problems.
bool defuse_alias(const YAML::Exception& failure, std::string& text, std::size_t file,
                  Problems& problems) {
  using namespace YAML::ErrorMsg;
  const std::array<std::string_view, 3> kinds{UNKNOWN_ANCHOR, ALIAS_NOT_FOUND, CHAR_IN_ALIAS};
  if (std::find(kinds.begin(), kinds.end(), failure.msg) == kinds.end()) return false;
  const auto position = static_cast<std::size_t>(std::max(failure.mark.pos, 0));
  const std::size_t star = text.rfind('*', position);
  if (star == std::string::npos) return false;
  problems.last_error(mark_of(text, star, file), std::string(kQuoteAlias));
  text[star] = '_';
  return true;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key.text == key) return &entry.value;
  }
  return nullptr;
}

void Problems::add(Found found) {
  if (settled_.contains(found.at)) return;
  // A text in quotes may hold anything; a problem is one line, and nothing that moves a cursor.
  for (char& c : found.message) {
    if (c == 0x7f || (c >= 0 && c < ' ')) c = ' ';
  }
  any_error_ = any_error_ || found.severity == Problem::Severity::error;
  if (found_.size() < kMostProblems) found_.push_back(std::move(found));
}

void Problems::error(const Mark& at, std::string message) {
  add({at, Problem::Severity::error, std::move(message)});
}

void Problems::last_error(const Mark& at, std::string message) {
  error(at, std::move(message));
  settled_.insert(at);
}

void Problems::warning(const Mark& at, std::string message) {
  add({at, Problem::Severity::warning, std::move(message)});
}

std::vector<Problem> Problems::sorted() const {
  std::vector<Found> found = found_;
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<Problem> problems;
  for (const Found& one : found) {
    problems.push_back({one.severity, place(one.at), one.message});
  }
  return problems;
}

Node read_tree(std::string_view given, std::size_t file, Problems& problems) {
  if (given.starts_with(kByteOrderMark)) given.remove_prefix(kByteOrderMark.size());
  std::size_t bad = 0;
  if (given.size() > kLargestText) {
    problems.error({file, 1, 1}, fmt::format("larger than {} MiB", kLargestText >> 20U));
    return {};
  }
  if (!is_utf8(given, bad)) {
    problems.error(mark_of(given, bad, file), "not UTF-8 text, or a control character");
    return {};
  }
  std::string text(given);
  const int passes = text.size() <= kQuickText ? kMostAliases + 1 : 1;
  for (int pass = 0; pass < passes; ++pass) {
    Problems found = problems;  // a pass that fails over an alias tells its problems again
    Builder builder(file, found);
    try {
      std::istringstream stream(text);
      YAML::Parser parser(stream);
      for (int document = 0; document < 2 && parser.HandleNextDocument(builder); ++document) {
      }
    } catch (const YAML::Exception& failure) {
      if (defuse_alias(failure, text, file, problems)) continue;
      found.error(builder.at(failure.mark), fmt::format("not valid YAML: {}{}", failure.msg,
                                                        tab_hint(text, failure.mark.line)));
    }
    problems = std::move(found);
    Node root = builder.take();
    root.mark.file = file;
    return root;
  }
  return {};
}

}  // namespace trainstop::policy
