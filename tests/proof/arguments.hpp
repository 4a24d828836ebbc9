// The command lines of the two programs: flags, and options with one value each. The daemon's
// parser would double the time that this folder takes to compile.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace trainstop::proof {

class Arguments {
 public:
  struct Option {
    std::string name;  ///< with its dashes
    bool takes_value = true;
    std::string help;
  };

  /// Ends the process with the list of options when it is asked for, or when it is needed.
  Arguments(int argc, char** argv, const std::vector<Option>& options) {
    for (int i = 1; i < argc; ++i) {
      const std::string name = argv[i];
      const Option* known = nullptr;
      for (const Option& option : options)
        if (option.name == name) known = &option;
      const bool lacks_value = known != nullptr && known->takes_value && i + 1 == argc;
      if (known == nullptr || lacks_value) end(options, name == "--help");
      values_[name].push_back(known->takes_value ? argv[++i] : "");
    }
  }

  bool has(const std::string& name) const { return values_.contains(name); }
  /// Every value that was given, in order.
  std::vector<std::string> all(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
  }
  std::string text(const std::string& name) const {
    return has(name) ? all(name).back() : std::string();
  }
  std::uint64_t number(const std::string& name, std::uint64_t otherwise) const {
    return has(name) ? std::stoull(text(name)) : otherwise;
  }

 private:
  [[noreturn]] static void end(const std::vector<Option>& options, bool asked) {
    std::FILE* const out = asked ? stdout : stderr;
    for (const Option& option : options) {
      const std::string shown = option.name + (option.takes_value ? " VALUE" : "");
      std::fprintf(out, "  %-24s %s\n", shown.c_str(), option.help.c_str());
    }
    std::exit(asked ? 0 : 2);
  }

  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace trainstop::proof
