#include "baseten/splitter.hpp"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <cstdint>
#include <limits>
#include <utility>

namespace trainstop::baseten {

namespace {

using boost::json::string_view;
using boost::system::error_code;

// A longer key is not ours.
constexpr std::size_t kLongestKey = 64;

/// Watches the envelope for the list under the key. The callbacks are those of basic_parser.
class Watcher {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  /// `path` is the list's key, or that of an object, a dot, and the list's key in it.
  explicit Watcher(const std::string& path)
      : parent_(path, 0, path.find('.') == std::string::npos ? 0 : path.find('.')),
        wanted_(path, parent_.empty() ? 0 : parent_.size() + 1),
        level_(parent_.empty() ? 1 : 2) {}

  bool is_in_list = false;
  int lists = 0;
  int keys = 0;     ///< how often the key came
  int parents = 0;  ///< how often the object's key came

  /// An object need not have the list, but it must stand there, if only as a null.
  bool is_whole() const {
    return lists == keys && (parent_.empty() ? keys == 1 : keys <= 1 && parents == 1);
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    in_parent_ = in_parent_ || is_parent_;
    ++depth_;
    return scalar();
  }
  bool on_object_end(std::size_t, error_code&) {
    --depth_;
    if (depth_ == 1) in_parent_ = false;
    return true;
  }
  bool on_array_begin(error_code&) {
    if (is_value_) {
      is_in_list = true;
      ++lists;
    }
    ++depth_;
    return scalar();
  }
  bool on_array_end(std::size_t, error_code&) {
    --depth_;
    if (depth_ == level_) is_in_list = false;
    return true;
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    if (key_.size() <= kLongestKey) key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(string_view part, std::size_t size, error_code& error) {
    on_key_part(part, size, error);
    is_parent_ = depth_ == 1 && !parent_.empty() && key_ == parent_;
    is_value_ = depth_ == level_ && (depth_ == 1 || in_parent_) && key_ == wanted_;
    parents += is_parent_ ? 1 : 0;
    keys += is_value_ ? 1 : 0;
    key_.clear();
    return true;
  }
  bool on_string_part(string_view, std::size_t, error_code&) { return true; }
  bool on_string(string_view, std::size_t, error_code&) { return scalar(); }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, string_view, error_code&) { return scalar(); }
  bool on_uint64(std::uint64_t, string_view, error_code&) { return scalar(); }
  bool on_double(double, string_view, error_code&) { return scalar(); }
  bool on_bool(bool, error_code&) { return scalar(); }
  bool on_null(error_code&) { return scalar(); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  bool scalar() {
    is_value_ = is_parent_ = false;
    return true;
  }

  const std::string parent_, wanted_;
  const int level_;  ///< the list key's depth
  std::string key_;
  bool is_value_ = false;   ///< the next value is that of the key
  bool is_parent_ = false;  ///< the next value is that of the object's key
  bool in_parent_ = false;
  int depth_ = 0;
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

enum class Mark : std::uint8_t { none, quote, open, close };

constexpr std::array<Mark, 256> make_marks() {
  std::array<Mark, 256> marks{};
  marks['"'] = Mark::quote;
  marks['{'] = marks['['] = Mark::open;
  marks['}'] = marks[']'] = Mark::close;
  return marks;
}

constexpr std::array<Mark, 256> kMarks = make_marks();

/// Where a quote or a backslash is next, or the end.
std::size_t end_of_plain(std::string_view text, std::size_t from) {
  const std::size_t quote = std::min(text.find('"', from), text.size());
  return std::min(text.substr(0, quote).find('\\', from), quote);
}

}  // namespace

/// The reply without its elements: each stands as a null, so that commas and brackets are proved.
class ListSplitter::Envelope : public boost::json::basic_parser<Watcher> {
 public:
  explicit Envelope(const std::string& key)
      : boost::json::basic_parser<Watcher>(boost::json::parse_options{}, key) {}
};

ListSplitter::ListSplitter(const std::string& key, std::size_t longest_element,
                           OnElement on_element, std::size_t largest_envelope)
    : envelope_(std::make_unique<Envelope>(key)),
      on_element_(std::move(on_element)),
      longest_element_(longest_element),
      largest_envelope_(largest_envelope) {}

ListSplitter::~ListSplitter() = default;

bool ListSplitter::is_complete() const {
  return !failed_ && envelope_->done() && envelope_->handler().is_whole();
}

bool ListSplitter::write(std::string_view piece) {
  while (!piece.empty() && !failed_) {
    std::size_t used = 0;
    if (form_ != Form::none) {
      used = within(piece);
    } else if (envelope_->handler().is_in_list) {
      used = between(piece);
    } else {
      used = outside(piece);
    }
    piece.remove_prefix(used);
  }
  return !failed_;
}

bool ListSplitter::feed(std::string_view bytes) {
  error_code error;
  const std::size_t read = envelope_->write_some(true, bytes.data(), bytes.size(), error);
  if (error || read != bytes.size()) failed_ = true;
  return !failed_;
}

/// Up to the next `[`, which alone can begin the list.
std::size_t ListSplitter::outside(std::string_view rest) {
  const std::size_t bracket = rest.find('[');
  const std::size_t size = bracket == std::string_view::npos ? rest.size() : bracket + 1;
  outside_bytes_ += size;
  if (outside_bytes_ > largest_envelope_) failed_ = true;
  if (!failed_) feed(rest.substr(0, size));
  return size;
}

/// Spaces, commas and the list's end, up to the first byte of an element.
std::size_t ListSplitter::between(std::string_view rest) {
  const char c = rest.front();
  if (is_space(c) || c == ',' || c == ']' || c == '}') {
    feed(rest.substr(0, 1));
    return 1;
  }
  form_ = c == '"' ? Form::text : (c == '{' || c == '[') ? Form::nested : Form::scalar;
  depth_ = 0;
  in_string_ = escaped_ = too_long_ = false;
  kept_.clear();
  return 0;
}

std::size_t ListSplitter::within(std::string_view rest) {
  std::size_t used = 0;
  const bool is_whole = scan(rest, used);
  const std::string_view part = rest.substr(0, used);
  too_long_ = too_long_ || kept_.size() + part.size() > longest_element_;
  if (is_whole) {
    take(part);
  } else if (!too_long_) {
    kept_.append(part);
  }
  return used;
}

void ListSplitter::take(std::string_view last_part) {
  form_ = Form::none;
  std::string_view raw;
  if (!too_long_ && kept_.empty()) raw = last_part;
  if (!too_long_ && !kept_.empty()) raw = kept_.append(last_part);
  if (!on_element_(raw)) {
    failed_ = true;
    return;
  }
  feed("null");
}

/// Goes over an element's bytes; true when its last one is among them.
bool ListSplitter::scan(std::string_view rest, std::size_t& used) {
  if (form_ == Form::nested || form_ == Form::text) return scan_nested(rest, used);
  while (used < rest.size()) {
    const char c = rest[used];
    if (is_space(c) || c == ',' || c == ']' || c == '}') return true;
    ++used;
  }
  return false;
}

bool ListSplitter::scan_nested(std::string_view rest, std::size_t& used) {
  while (used < rest.size()) {
    if (in_string_ && !escaped_) used = end_of_plain(rest, used);
    if (used == rest.size()) break;
    const char c = rest[used++];
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else {
        in_string_ = false;
        if (depth_ == 0) return true;
      }
      continue;
    }
    switch (kMarks[static_cast<unsigned char>(c)]) {
      case Mark::none:
        break;
      case Mark::quote:
        in_string_ = true;
        break;
      case Mark::open:
        ++depth_;
        break;
      case Mark::close:
        if (--depth_ == 0) return true;
        break;
    }
  }
  return false;
}

}  // namespace trainstop::baseten
