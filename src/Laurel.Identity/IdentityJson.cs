using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Identity.Roles;
using Laurel.Identity.SignIn;
using Laurel.Identity.Tokens;
using Laurel.Identity.Users;

namespace Laurel.Identity;

/// <summary>How answers are written: compiled, camelCase.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SignInTokens))]
[JsonSerializable(typeof(CodeSentReply))]
[JsonSerializable(typeof(NameList))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(ValidateReply))]
[JsonSerializable(typeof(TotpReply))]
[JsonSerializable(typeof(ProviderList))]
[JsonSerializable(typeof(AuthorizeReply))]
[JsonSerializable(typeof(UserReply))]
[JsonSerializable(typeof(UserPage))]
[JsonSerializable(typeof(RoleReply))]
[JsonSerializable(typeof(RoleList))]
[JsonSerializable(typeof(KeySet))]
[JsonSerializable(typeof(RotatedReply))]
internal sealed partial class IdentityJson : JsonSerializerContext;
