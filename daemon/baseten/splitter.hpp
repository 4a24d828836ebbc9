// Splits `{"KEY":[element, element, …]}` into its elements' bytes while the reply streams, without
// parsing them, and proves the envelope around them complete.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace trainstop::baseten {

class ListSplitter {
 public:
  /// Takes one element's bytes, from its first to its last, or nothing when it was longer than the
  /// limit; false ends the splitting. The callee proves that the element is JSON.
  using OnElement = std::function<bool(std::string_view raw)>;

  /// What may stand around the list; an endless text there is no list.
  static constexpr std::size_t kLargestEnvelope = 1024 * 1024;

  /// `key` is `LIST`, or `OBJECT.LIST` for a list in an object of the reply.
  ListSplitter(const std::string& key, std::size_t longest_element, OnElement on_element,
               std::size_t largest_envelope = kLargestEnvelope);
  ~ListSplitter();
  ListSplitter(const ListSplitter&) = delete;
  ListSplitter& operator=(const ListSplitter&) = delete;

  /// The next piece of the reply; false when it can't be such a reply any more, or on_element said
  /// so.
  bool write(std::string_view piece);
  /// Whether the reply was one whole JSON object with exactly one list under the key; with
  /// `OBJECT.LIST` the object is there once, and may be null or without the list.
  bool is_complete() const;

 private:
  class Envelope;

  bool feed(std::string_view bytes);
  std::size_t outside(std::string_view rest);
  std::size_t between(std::string_view rest);
  std::size_t within(std::string_view rest);
  bool scan(std::string_view rest, std::size_t& used);
  bool scan_nested(std::string_view rest, std::size_t& used);
  void take(std::string_view last_part);

  enum class Form : unsigned char { none, nested, text, scalar };

  std::unique_ptr<Envelope> envelope_;
  OnElement on_element_;
  const std::size_t longest_element_, largest_envelope_;
  bool failed_ = false;
  std::size_t outside_bytes_ = 0;
  // The element under way.
  Form form_ = Form::none;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool too_long_ = false;
  std::string kept_;  ///< its bytes from earlier pieces
};

}  // namespace trainstop::baseten
