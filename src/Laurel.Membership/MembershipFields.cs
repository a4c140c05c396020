using Laurel.GraphQL.Binding;
using Laurel.Membership.Addresses;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;
using Laurel.Platform.GraphQL;
using Microsoft.Extensions.DependencyInjection;

namespace Laurel.Membership;

/// <summary>What answers the fields of the member's book.</summary>
public static class MembershipFields
{
    public static GraphQLBinder AddMembership(this GraphQLBinder binder, IServiceProvider services, Doors doors)
    {
        var nodes = ActivatorUtilities.CreateInstance<MemberNodes>(services, doors);
        var addresses = new AddressesOfCaller(doors);
        return binder
            .Add(new AddressFields(addresses))
            .Add(new AddressMutations(doors, addresses))
            .Add(ActivatorUtilities.CreateInstance<MemberQueries>(services, doors, nodes))
            .Add(ActivatorUtilities.CreateInstance<MemberMutations>(services, doors, nodes))
            .Add(ActivatorUtilities.CreateInstance<LevelFields>(services, doors))
            .Add(ActivatorUtilities.CreateInstance<LevelMutations>(services, doors))
            .Add(ActivatorUtilities.CreateInstance<RecordQueries>(services, doors, nodes))
            .Add(ActivatorUtilities.CreateInstance<RecordsOfMember>(services, doors, nodes))
            .Add(ActivatorUtilities.CreateInstance<PointsSubscriptions>(services, doors, nodes))
            .Add(ActivatorUtilities.CreateInstance<AdjustingMutations>(services, nodes))
            .Add(ActivatorUtilities.CreateInstance<RuleFields>(services, doors));
    }
}
