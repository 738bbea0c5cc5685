# What Debian wants of a package's files and others do not: run by cpack when it has gathered them.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} name)
    set(package ${CPACK_DEBIAN_${name}_PACKAGE_NAME})
    set(share ${CPACK_TEMPORARY_DIRECTORY}/${component}${CPACK_PACKAGING_INSTALL_PREFIX}/share)
    execute_process(OUTPUT_FILE ${share}/doc/${package}/changelog COMMAND_ERROR_IS_FATAL ANY
        COMMAND python3 ${CPACK_VENN_SOURCE_DIR}/tools/debian_changelog.py ${CPACK_VENN_SOURCE_DIR}/CHANGELOG.md
            ${package} ${CPACK_PACKAGE_VERSION} ${CPACK_PACKAGE_CONTACT})
    # CPack strips what it can run or load, and no archives.
    file(GLOB_RECURSE archives ${share}/../*.a)
    if(archives)
        execute_process(COMMAND ${CPACK_VENN_STRIP} --strip-debug --remove-section=.comment --enable-deterministic-archives
            ${archives} COMMAND_ERROR_IS_FATAL ANY)
    endif()
    file(GLOB pages ${share}/man/man*/*)
    execute_process(COMMAND gzip -9nf ${share}/doc/${package}/changelog ${pages} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
