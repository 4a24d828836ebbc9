// SQLite's failures, and content that is not what was written, as the journal's errors.
#pragma once

#include <SQLiteCpp/Exception.h>

#include <stdexcept>
#include <string>

#include "journal/store.hpp"

namespace trainstop::journal {

/// The same code of SQLite means different things to these.
enum class Doing : std::uint8_t { opening, reading, writing };

/// Thrown inside this folder where content is not what was written; its text is for people.
class Damage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `path` becomes the first word of the message.
Error to_error(const std::string& path, Doing doing, const SQLite::Exception& thrown);

/// Runs `work`, which gives an Outcome, and makes errors of what SQLite and we throw in it.
template <class Work>
auto guarded(const std::string& path, Doing doing, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const SQLite::Exception& thrown) {
    return to_error(path, doing, thrown);
  } catch (const Damage& damage) {
    return Error{Error::Kind::corrupt, path + ": " + damage.what()};
  }
}

}  // namespace trainstop::journal
