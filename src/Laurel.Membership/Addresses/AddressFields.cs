using System.Text.Json;
using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.Platform.GraphQL;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Addresses;

/// <summary>An address as GraphQL shows one.</summary>
[GraphQLType("Address")]
internal sealed class AddressNode(AddressReply reply, string member)
{
    public string Id => reply.Id;

    public string UserId { get; } = member;

    public string Name => reply.Name;

    public string Phone => reply.Phone;

    public string Province => reply.Province;

    public string City => reply.City;

    public string District => reply.District;

    public string Address => reply.Address;

    public string? PostalCode => reply.PostalCode;

    public bool IsDefault => reply.IsDefault;

    public string? Tag => reply.Tag;

    public DateTimeOffset Created => reply.CreatedAt;

    public DateTimeOffset Updated => reply.UpdatedAt;
}

/// <summary>The addresses of a member.</summary>
[GraphQLType("AddressList")]
internal sealed record AddressNodes(IReadOnlyList<AddressNode> Items)
{
    public int Total => Items.Count;
}

/// <summary>What is told of an address: the body of <c>POST</c> and <c>PUT /api/addresses</c>.</summary>
[GraphQLInput("AddressInput")]
internal sealed record AddressInput
{
    public required string Name { get; init; }

    public required string Phone { get; init; }

    public required string Province { get; init; }

    public required string City { get; init; }

    public required string District { get; init; }

    public required string Address { get; init; }

    public string? PostalCode { get; init; }

    public required bool IsDefault { get; init; }

    public string? Tag { get; init; }

    public void Write(Utf8JsonWriter body)
    {
        body.WriteString("name", Name);
        body.WriteString("phone", Phone);
        body.WriteString("province", Province);
        body.WriteString("city", City);
        body.WriteString("district", District);
        body.WriteString("address", Address);
        body.WriteBoolean("isDefault", IsDefault);
        if (PostalCode is not null)
        {
            body.WriteString("postalCode", PostalCode);
        }

        if (Tag is not null)
        {
            body.WriteString("tag", Tag);
        }
    }
}

/// <summary>Reads the caller's addresses at their door.</summary>
internal sealed class AddressesOfCaller(Doors doors)
{
    private static readonly Door s_list = new(HttpMethods.Get, "/api/addresses");

    public async Task<Resolved<AddressNodes>> ReadAsync(GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var answer = await doors.CallAsync(caller, new DoorCall(s_list), cancellationToken);
        if (answer.Refusal is { } refusal)
        {
            return refusal;
        }

        // Who names no member is let in only where it is one.
        var (member, list) = (caller.Actor!.Member!.Value.ToString(), answer.Body.Deserialize(MembershipJson.Default.AddressList)!);
        return new AddressNodes([.. list.Items.Select(one => new AddressNode(one, member))]);
    }
}

/// <summary>Asks for addresses.</summary>
[GraphQLType("Query")]
internal sealed class AddressFields(AddressesOfCaller addresses)
{
    [GraphQLField("appMemberAddresses")]
    public Task<Resolved<AddressNodes>> ListAsync(GraphQLCaller caller, CancellationToken cancellationToken) => addresses.ReadAsync(caller, cancellationToken);
}

/// <summary>Changes the caller's addresses.</summary>
[GraphQLType("Mutation")]
internal sealed class AddressMutations(Doors doors, AddressesOfCaller addresses)
{
    private static readonly Door s_add = new(HttpMethods.Post, "/api/addresses");
    private static readonly Door s_update = new(HttpMethods.Put, "/api/addresses/{id}");
    private static readonly Door s_delete = new(HttpMethods.Delete, "/api/addresses/{id}");
    private static readonly Door s_default = new(HttpMethods.Put, "/api/addresses/{id}/default");

    [GraphQLField("addAddress")]
    public Task<Resolved<AddressNode>> AddAsync(AddressInput input, GraphQLCaller caller, FieldRequest field) =>
        ChangeAsync(DoorCall.Of(s_add, field).Saying(input.Write), caller, field);

    [GraphQLField("updateAddress")]
    public Task<Resolved<AddressNode>> UpdateAsync(string id, AddressInput input, GraphQLCaller caller, FieldRequest field) =>
        ChangeAsync(DoorCall.Of(s_update, field).In("id", id).Saying(input.Write), caller, field);

    [GraphQLField("deleteAddress")]
    public Task<Resolved<bool>> DeleteAsync(string id, GraphQLCaller caller, FieldRequest field) =>
        doors.DoAsync(caller, DoorCall.Of(s_delete, field).In("id", id), field.CancellationToken);

    [GraphQLField("setDefaultAddress")]
    public Task<Resolved<bool>> MakeDefaultAsync(string id, GraphQLCaller caller, FieldRequest field) =>
        doors.DoAsync(caller, DoorCall.Of(s_default, field).In("id", id), field.CancellationToken);

    private async Task<Resolved<AddressNode>> ChangeAsync(DoorCall call, GraphQLCaller caller, FieldRequest field)
    {
        var answer = await doors.CallAsync(caller, call, field.CancellationToken);
        if (answer.Refusal is { } refusal)
        {
            return refusal;
        }

        var id = answer.Body.GetProperty("id").GetString();
        var list = await addresses.ReadAsync(caller, field.CancellationToken);
        return list.Refusal is { } late ? late : list.Value!.Items.Single(address => address.Id == id);
    }
}
