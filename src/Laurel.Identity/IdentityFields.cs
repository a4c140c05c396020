using Laurel.GraphQL.Binding;
using Laurel.Identity.SignIn;
using Laurel.Platform.GraphQL;

namespace Laurel.Identity;

/// <summary>What answers the fields by which people sign in.</summary>
public static class IdentityFields
{
    public static GraphQLBinder AddIdentity(this GraphQLBinder binder, Doors doors) => binder.Add(new SignInMutations(doors));
}
