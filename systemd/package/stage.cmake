# CPack runs this after it has installed the project and before it packs the tree.
execute_process(
  COMMAND "@CMAKE_CURRENT_SOURCE_DIR@/package/stage" "@CMAKE_SOURCE_DIR@" "${CPACK_TEMPORARY_DIRECTORY}"
          "${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}" "@maintainer_address@"
  COMMAND_ERROR_IS_FATAL ANY)
