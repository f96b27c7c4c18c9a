"""The messages of our HTTP and GraphQL errors in both languages, as data.

A fact stands in braces; a fact that is a message itself is translated as well.
"""

from typing import Final

from domain.text import Text
from transport.errors import (
    CLOCK_UNFIT,
    DATABASE_UNREACHABLE,
    NODE_UNREACHABLE,
    SERVER_OVERLOADED,
    STORE_UNREACHABLE,
)

MESSAGES: Final = (
    Text("服务器繁忙, 请稍后重试", SERVER_OVERLOADED),
    Text("服务器时钟不可靠, 暂不能更改数据, 请稍后重试", CLOCK_UNFIT),
    Text("数据库暂不可用, 更改可能已经完成, 也可能没有, 请稍后重试", DATABASE_UNREACHABLE),
    Text("图片存储没有响应, 请稍后重试", STORE_UNREACHABLE),
    Text(
        "数据库的一台机器无法使用, 缺少其商家的数据. 所请求的更改可能已经完成, 也可能没有, 请重试",
        NODE_UNREACHABLE,
    ),
    Text("内部错误", "Internal error"),
    # Requests
    Text("请求中没有 `query`", "The request has no `query`"),
    Text("GET 请求不能执行变更操作", "Mutations are not allowed over GET"),
    Text(
        "订阅只能以 `text/event-stream` 或通过 WebSocket 回答",
        "Subscriptions are answered as `text/event-stream`, or over a WebSocket",
    ),
    Text(
        "响应格式只能是 {first} 或 {second}",
        "The answer can be {first} or {second}, and nothing else",
    ),
    Text("GraphQL 只接受 GET 和 POST 请求", "GraphQL takes GET and POST"),
    Text("不支持压缩的请求正文", "A compressed request body is not supported"),
    Text("内容类型须为 {first} 或 {second}", "The content type must be {first} or {second}"),
    Text("请求正文须为 UTF-8 编码", "The request body must be encoded in UTF-8"),
    Text(
        "不支持批量请求, 每次请求只能有一个操作",
        "Batching is not enabled: send one operation per request",
    ),
    Text("请求须为带有 `query` 的 JSON 对象", "The request must be a JSON object with a `query`"),
    Text("`{name}` 须为{kind}或 null", "`{name}` must be {kind} or null"),
    Text("对象", "an object"),
    Text("字符串", "a string"),
    Text(
        "`documentId` 须为 `{prefix}` 加哈希值, 或清单中的哈希值",
        "`documentId` must be `{prefix}` and a hash, or one of a manifest",
    ),
    Text(
        "`persistedQuery` 须为 `version` 等于 1 的对象",
        "`persistedQuery` must be an object with `version` 1",
    ),
    Text("`sha256Hash` 须为 64 位十六进制数字", "`sha256Hash` must be 64 hexadecimal digits"),
    Text(
        "`documentId` 与 `persistedQuery` 指向不同的文档",
        "`documentId` and `persistedQuery` name different documents",
    ),
    Text("哈希与所附 `query` 不符", "The hash is not the one of the `query` beside it"),
    Text("此服务器只接受受信任的文档", "This server takes trusted documents only"),
    Text("{part}不是有效的 JSON", "{part} is not valid JSON"),
    Text("请求正文", "The request body"),
    Text("multipart 正文格式错误", "The multipart body is malformed"),
    Text("multipart 正文格式错误: {problem}", "The multipart body is malformed: {problem}"),
    Text("`map` 须为对象", "`map` must be an object"),
    Text("`map` 最多包含 {limit} 处", "`map` names more than {limit} places"),
    Text("`map` 中的文件 `{name}` 没有上传", "`map` names the file `{name}`, which was not sent"),
    Text("multipart 正文缺少字段 `{name}`", "The multipart body has no field `{name}`"),
    Text("`map` 须为每个文件给出路径列表", "`map` must give a list of paths for each file"),
    Text(
        "`map` 指向的 `{path}` 在变量中不是 null",
        "`map` points to `{path}`, which is not a null in the variables",
    ),
    Text("请求正文超过 {limit} 字节", "The request body is larger than {limit} bytes"),
    Text("此服务器没有安装 GraphiQL", "GraphiQL is not installed"),
    Text("此服务器没有安装商家后台", "The console is not built"),
    Text("没有此文件", "There is no such file"),
    Text("没有此地址", "Not Found"),
    Text("此地址不支持该请求方法", "Method Not Allowed"),
    Text("图片地址无效", "The address of the picture is not valid"),
    Text("图片地址已过期或被更改", "The address of the picture has expired or was changed"),
    Text("导出地址已过期或被更改", "The address of the export has expired or was changed"),
    Text("没有此导出", "There is no such export"),
    Text("上传地址已过期或被更改", "The address of the upload has expired or was changed"),
    Text("没有此图片", "There is no such picture"),
    # Subscriptions
    Text("服务器仅支持 WebSocket 版本 13", "The server speaks version 13 of WebSocket"),
    Text("WebSocket 握手请求无效", "The request to open a WebSocket is not valid"),
    Text("此来源的页面不能在此打开 WebSocket", "Pages of this origin cannot open a WebSocket here"),
    Text("此来源的页面不能使用此服务器", "Pages of this origin cannot use this server"),
    Text(
        "上传请求的响应不能是 `text/event-stream`",
        "The answer to an upload cannot be an event stream",
    ),
    Text("请求须指定文档中的一个订阅", "The request must name one subscription of the document"),
    Text("服务器目前无法读取数据库", "The server cannot read the database now"),
    Text(
        "WebSocket 只用于订阅, 此操作请通过 HTTP 发送",
        "A WebSocket carries subscriptions alone: send this operation over HTTP",
    ),
    Text(
        "服务器的订阅数已达上限, 请稍后重试",
        "The server has reached its limit of subscriptions; try again later",
    ),
    Text(
        "已有 {most} 个订阅, 请先结束一个", "There are {most} subscriptions already; end one first"
    ),
    # Documents
    Text(
        "文档中有多个操作, 须用 `operationName` 指定一个",
        "The document has several operations: `operationName` must name one",
    ),
    Text(
        "此服务器不提供内省: '{field}' 不会得到回答",
        "Introspection is turned off: '{field}' is not answered.",
    ),
    Text(
        "文档请求的字段和类型太多, 无法逐一比较",
        "The document asks for too many fields of too many types to compare them all.",
    ),
    Text(
        "查询过于复杂: 超过 {allowed} {what}",
        "The query is too complex: more than {allowed} {what}.",
    ),
    Text(
        "查询过于复杂: 有 {actual} {what}, 最多 {allowed}",
        "The query is too complex: {actual} {what}; {allowed} are allowed.",
    ),
    Text("层嵌套的选择集或值", "nested selection sets or values"),
    Text("层嵌套的字段", "levels of fields"),
    Text("个根字段", "fields at the root"),
    Text("个字段", "fields"),
    Text("个别名", "aliases"),
    Text("个指令", "directives"),
    Text("个结果值(按列表和页大小计)", "values in its answer, by its lists and page sizes"),
    Text("层嵌套的内省字段", "levels of introspection"),
    Text("次对整个模式的内省", "introspections of the whole schema"),
    Text("个描述模式的结果值", "values in its answer that describe the schema"),
    Text("个变量值", "values in its variables"),
    Text("个字符", "characters"),
    Text("个词元", "tokens"),
    Text("次登录", "sign-ins"),
    # Values of variables
    Text(
        "变量 ${name} 的值({path})无效: {problem}",
        "Variable '${name}' has invalid value at {path}: {problem}",
    ),
    Text("变量 ${name} 的值无效: {problem}", "Variable '${name}' has invalid value: {problem}"),
    Text(
        "类型 '{type}' 不接受此值: {problem}",
        "Expected value of type '{type}', but encountered error '{problem}'; found: {value}.",
    ),
    Text(
        "类型 '{type}' 的值不能为 null", "Expected value of non-null type '{type}' not to be None."
    ),
    Text(
        "缺少非空类型 '{type}' 的值",
        "Expected a value of non-null type '{type}' to be provided.",
    ),
    Text("类型 '{type}' 的值须为对象", "Expected value of type '{type}' to be an object."),
    Text(
        "类型 '{type}' 没有字段 '{field}'",
        "Expected value of type '{type}' not to include unknown field '{field}'.",
    ),
    Text(
        "类型 '{type}' 的值缺少必填字段 '{field}'",
        "Expected value of type '{type}' to include required field '{field}'.",
    ),
    Text(
        "类型 '{type}' 的值嵌套过深",
        "Expected value of type '{type}', found one that is nested too deeply.",
    ),
    Text(
        "枚举 '{type}' 须为字符串, 而不是 {value}",
        "Enum '{type}' cannot represent non-string value: {value}.",
    ),
    Text("枚举 '{type}' 没有值 '{value}'", "Value '{value}' does not exist in '{type}' enum."),
    Text(
        "枚举 '{type}' 没有值 '{value}', 是否应为 {names}?",
        "Value '{value}' does not exist in '{type}' enum. Did you mean the enum value {names}?",
    ),
    Text(
        "枚举 '{type}' 没有值 '{value}', 是否应为 {names}?",
        "Value '{value}' does not exist in '{type}' enum. Did you mean the enum values {names}?",
    ),
    Text(
        "类型 '{type}' 没有字段 '{field}', 是否应为 {names}?",
        "Expected value of type '{type}' not to include unknown field '{field}'."
        " Did you mean {names}?",
    ),
    Text(
        "'{type}' 须恰好填写一个字段, 且不能为 null",
        "Within OneOf Input Object type '{type}', exactly one field must be specified, "
        "and the value for that field must be non-null.",
    ),
    # Scalars
    Text(
        "时间须为带时区的 RFC 3339 格式, 例如 2026-11-22T08:00:00+08:00",
        "An instant is RFC 3339 with an offset, such as 2026-11-22T08:00:00+08:00.",
    ),
    Text("没有这个时间", "There is no such instant."),
    Text("金额须为字符串", "An amount must be a string: floating-point numbers would be rounded."),
    Text(
        "金额须为最多两位小数的数字, 例如 12.34",
        "An amount is digits with at most two decimals, such as 12.34.",
    ),
    Text(
        "文件须按 GraphQL multipart 请求规范上传",
        "Send the file by the GraphQL multipart request specification.",
    ),
    # Pages
    Text("不是此列表在此排序下的游标", "This is not a cursor of this list in this order."),
    Text("first 和 last 只能填写一个", "Give first or last, not both."),
    Text("每页须为 1 至 {most} 项", "A page has 1 to {most} items."),
)
"""Every message that a client can get, but refusals and bad input, which carry both languages.

Messages about the bytes of a request, whose headers could not be read, stay in English.
"""
